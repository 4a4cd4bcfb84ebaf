package import Files
import Glibc

/// Where a part of a file is.
package struct FileExtent: Sendable {
    package let path: String
    package let range: Range<Int>
    /// Keeps a file without a name, whose path is that of a descriptor.
    let owner: Upload?
}

/// An open file, or the part of one that is a member of an archive; closed when nothing refers to it.
package final class FilePart: Sendable {
    /// What errors name.
    package let path: String
    /// Number of bytes of the part.
    package let byteCount: Int
    private let start: Int
    private let descriptor: CInt

    /// Opens a regular file.
    ///
    /// - Parameters:
    ///   - range: The bytes of the part, which end where the file does; nil for all of it.
    ///   - name: What errors name instead of the path.
    package init(
        path: String, range: Range<Int>? = nil, name: String? = nil
    ) throws(FileError) {
        self.path = name ?? path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .last(.read, self.path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            start = 0
            byteCount = 0
            throw .last(.read, self.path)
        }
        let size = status.st_mode & S_IFMT == S_IFREG ? max(0, Int(status.st_size)) : 0
        let range = (range ?? 0..<size).clamped(to: 0..<size)
        start = range.lowerBound
        byteCount = range.count
    }

    /// Opens a part of a file.
    ///
    /// - Parameter name: What errors name.
    convenience init(_ extent: FileExtent, name: String) throws(FileError) {
        defer { withExtendedLifetime(extent) {} }
        try self.init(path: extent.path, range: extent.range, name: name)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Bytes from an offset in the part on; fewer at its end.
    package func bytes(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let wanted = max(0, min(count, byteCount - min(max(offset, 0), byteCount)))
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            while filled < wanted {
                let rest = UnsafeMutableBufferPointer(rebasing: buffer[filled..<wanted])
                let step = read(into: UnsafeMutableRawBufferPointer(rest), at: offset + filled)
                if step < 0 { failure = .last(.read, path) }
                if step <= 0 { break }
                filled += step
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Reads at most as many bytes as there is room for.
    ///
    /// - Returns: Their number, 0 at the end of the part or of the file; −1 with `errno` for an error.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        let count = min(buffer.count, byteCount - offset)
        guard offset >= 0, count > 0 else { return 0 }
        while true {
            let step = pread(descriptor, buffer.baseAddress, count, off_t(start + offset))
            if step < 0 && errno == EINTR { continue }
            return step
        }
    }
}
