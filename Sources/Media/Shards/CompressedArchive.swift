import Files
import TextFormats

/// Compressed tar archives, whose members have no place of their own in the file.
enum CompressedArchive {
    private static let programs: [(extensions: [String], program: String)] = [
        ([".tar.gz", ".tgz"], "gunzip"), ([".tar.zst", ".tzst"], "unzstd"),
        ([".tar.bz2", ".tbz2"], "bunzip2"), ([".tar.xz", ".txz"], "unxz"),
        ([".tar.lz4"], "unlz4"),
    ]

    /// Why a file of this name is not read, and what to do; nil for any other file.
    static func refusal(of path: String) -> FileError? {
        let name = path.lowercased()
        guard
            let program = programs.first(where: { entry in
                entry.extensions.contains { name.hasByteSuffix($0) }
            })?.program
        else { return nil }
        return FileError(
            .read, path,
            .file(
                """
                it is a compressed tar archive, whose members cannot be read in place; decompress it, which \
                gains little for videos: \(program) '\(path)'
                """))
    }
}
