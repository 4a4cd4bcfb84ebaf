import Glibc

extension InputSource {
    /// Whether the source is a URL with a libav protocol other than `file`.
    var isURL: Bool { scheme != nil && scheme != "file" }

    /// Whether the input can be read twice, unlike a pipe, a URL or a device.
    var isRegularFile: Bool {
        guard case .path = self, !isURL else { return false }
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
            self == .standardInput ? fstat(STDIN_FILENO, &status) : stat(file, &status)
        return found == 0 ? status.st_mode & S_IFMT : nil
    }

    /// The path of a file or a named pipe, without scheme and region; nil for URLs and standard input.
    var filePath: String? { isURL || file.isEmpty ? nil : file }

    /// The path of the file, without scheme and region.
    private var file: String {
        guard case .path(let path) = self else { return "" }
        let base = FrameRegion.split(path).base
        return scheme == "file" ? String(Substring(base.utf8.dropFirst(7))) : base
    }
}
