package import Files
import Glibc
import SystemPackage

/// A member of a tar archive as an input, written as a fragment: `shard-000.tar#member=0007.mp4`.
///
/// The fragment is accepted wherever an input is, and may be followed by a region (`FrameRegion`). An
/// existing file whose name has such a fragment is read whole.
package struct TarMember: Sendable, Hashable {
    /// Path of the archive.
    package let archive: String
    /// Name of the member, as the archive has it.
    package let name: String

    private static let mark = "#member="

    /// - Parameter path: A path without a region.
    /// - Returns: Nil if the path has no fragment of a member, or names an existing file.
    package init?(_ path: String) {
        guard path.utf8.contains(UInt8(ascii: "#")), let mark = path.firstRange(of: Self.mark),
            mark.upperBound < path.endIndex, access(path, F_OK) != 0
        else { return nil }
        archive = String(path[..<mark.lowerBound])
        name = String(path[mark.upperBound...])
    }

    /// The member as an input.
    private var input: String { Self.input(archive, name) }

    /// The input that is a member of an archive.
    static func input(_ archive: String, _ name: String) -> String { archive + mark + name }

    /// Where the member's bytes are.
    ///
    /// - Throws: `FileError` for an archive that cannot be read, and a member that is not there or has
    ///   no bytes of its own.
    package func extent() throws(FileError) -> FileExtent {
        let open = try TarArchive.open(archive)
        guard let member = open.index[name] else {
            let reason = open.index.problem.map { "; \($0)" } ?? ""
            throw FileError(.read, input, .file("the archive has no such member\(reason)"))
        }
        if let refusal = member.refusal { throw FileError(.read, input, .file(refusal)) }
        return open.extent(of: member)
    }

    /// Opens the member's bytes.
    ///
    /// - Throws: The errors of `extent`, and for an archive that is now too short.
    private func open() throws(FileError) -> FilePart {
        let extent = try extent()
        let part = try FilePart(extent, name: input)
        guard part.byteCount == extent.range.count else {
            throw FileError(.read, input, .file("the archive ends inside it"))
        }
        return part
    }

    /// Reads the whole member.
    ///
    /// - Throws: `FileError` if it cannot be read, or is too large for the memory.
    package func bytes() throws(FileError) -> [UInt8] {
        let part = try open()
        guard Memory.isAvailable(part.byteCount) else {
            throw FileError(.read, input, .system(.noMemory))
        }
        return try part.bytes(at: 0, count: part.byteCount)
    }

    /// Copies the member to a file of its own.
    ///
    /// - Throws: `FileError` if it cannot be read, or the file not be written.
    package func copy(to path: String) throws(FileError) {
        let part = try open()
        try ChunkedFile.create(path, failing: { $0 }) { (append) throws(FileError) in
            var offset = 0
            while offset < part.byteCount {
                let piece = try part.bytes(at: offset, count: 1 << 20)
                guard !piece.isEmpty else {
                    throw FileError(.read, input, .file("the archive ends inside it"))
                }
                // `withUnsafeBytes` has untyped errors; `Result` preserves the error type.
                try piece.withUnsafeBytes { bytes in
                    Result { () throws(FileError) in try append(bytes) }
                }.get()
                offset += piece.count
            }
        }
    }
}

/// Names of inputs.
extension TarMember {
    /// The path of an input that its name is taken from: that in its archive if it is a member of one,
    /// else the input itself.
    package static func innerPath(of input: String) -> String {
        TarMember(FrameRegion.split(input).base) == nil
            ? input : input.firstRange(of: mark).map { String(input[$0.upperBound...]) } ?? input
    }

    /// The file that has an input's bytes: its path without region and member.
    package static func file(of input: String) -> String {
        let base = FrameRegion.split(input).base
        return TarMember(base)?.archive ?? base
    }
}
