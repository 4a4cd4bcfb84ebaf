import Glibc

extension InputSource {
    /// Whether it names a place in a network, or a protocol of libav's.
    var isAddress: Bool { scheme != nil && scheme != "file" }

    /// Whether the input can be read twice: not a pipe, an address or a device.
    var isRegularFile: Bool {
        guard case .path = self, !isAddress else { return false }
        return fileType.map { $0 == S_IFREG } ?? (SequencePattern(file) != nil)
    }

    /// Whether bytes come when somebody sends them: addresses, pipes with and without a name, devices.
    package var isStream: Bool {
        isAddress || (fileType.map { $0 != S_IFREG && $0 != S_IFDIR } ?? false)
    }

    /// The type bits of the file that it is, links followed; nil if there is none.
    private var fileType: mode_t? {
        var status = stat()
        let found =
            self == .standardInput ? fstat(STDIN_FILENO, &status) : stat(file, &status)
        return found == 0 ? status.st_mode & S_IFMT : nil
    }

    /// The path of the file that it is.
    private var file: String {
        guard case .path(let path) = self else { return "" }
        let base = FrameRegion.split(path).base
        return scheme == "file" ? String(base.dropFirst(7)) : base
    }
}
