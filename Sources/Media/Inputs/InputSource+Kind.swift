package import Files
import Glibc

extension InputSource {
    /// Whether the source is a URL with a libav protocol other than `file`.
    var isURL: Bool { scheme != nil && scheme != "file" }

    /// Whether the input can be read twice, unlike a pipe, a URL or a device.
    var isRegularFile: Bool {
        if self == .standardInput || isURL { return false }
        return fileType.map { $0 == S_IFREG } ?? (SequencePattern(file) != nil)
    }

    /// Whether the source is a stream: a URL, a named or unnamed pipe, or a device.
    package var isStream: Bool {
        isURL || (fileType.map { $0 != S_IFREG && $0 != S_IFDIR } ?? false)
    }

    /// The file type bits, symbolic links followed; nil if the file does not exist.
    private var fileType: mode_t? {
        var status = stat()
        let found =
            self == .standardInput
            ? fstat(STDIN_FILENO, &status) : stat(member?.archive ?? file, &status)
        return found == 0 ? status.st_mode & S_IFMT : nil
    }

    /// The path of a file or a named pipe, without scheme and region; nil for URLs and standard input.
    var filePath: String? { isURL || file.isEmpty ? nil : file }

    /// The path of the file, without scheme and region.
    private var file: String {
        switch self {
        case .standardInput: return ""
        case .upload(let upload, _): return upload.path
        case .path(let path):
            let base = FrameRegion.split(path).base
            return scheme == "file" ? String(Substring(base.utf8.dropFirst(7))) : base
        }
    }

    /// The member of an archive that the source is; nil if it is none.
    var member: TarMember? {
        guard case .path = self, !isURL else { return nil }
        return TarMember(file)
    }

    /// The name that tells the format of what has no signature: the path of a file, of a member in its
    /// archive, or the name that the sender gives.
    var formatName: String {
        if case .upload(_, let name) = self { return name }
        return member?.name ?? file
    }

    /// Where the bytes of a source are that is no file of its own: of a member and of an upload.
    ///
    /// - Returns: Nil for all other sources.
    /// - Throws: The errors of `TarMember.extent`.
    package func extent() throws(FileError) -> FileExtent? {
        if case .upload(let upload, _) = self {
            return FileExtent(path: upload.path, range: 0..<upload.byteCount, owner: upload)
        }
        return try member?.extent()
    }
}
