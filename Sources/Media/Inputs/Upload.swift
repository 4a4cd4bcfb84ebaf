import CUploads
package import Foundation
package import SystemPackage

/// Media that a program has sent, in memory or in an unlinked file.
///
/// The path is that of the open descriptor, which is closed when nothing refers to the upload any more. No name of a
/// sender's becomes a path.
public final class Upload: Sendable {
    package let byteCount: Int
    /// Frames per second of images that follow each other, which state no rate; nil for that of the run.
    package let frameRate: String?
    private let descriptor: CInt

    /// What is opened to read it, in this process or in one that it has started.
    package var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    /// The upload that a writer has written.
    package init(_ writer: consuming UploadWriter, frameRate: String? = nil) {
        (descriptor, byteCount) = writer.release()
        self.frameRate = frameRate
    }

    /// A file that is open, and closed when nothing refers to it any more.
    package init(descriptor: CInt) {
        var status = stat()
        fstat(descriptor, &status)
        byteCount = Int(status.st_size)
        frameRate = nil
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}

/// An upload equals itself only.
extension Upload: Hashable {
    public static func == (left: Upload, right: Upload) -> Bool { left === right }

    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Writes an upload piece by piece: in memory up to a size, then in an unlinked file of the temporary folder.
package struct UploadWriter: ~Copyable {
    package private(set) var byteCount = 0
    private var descriptor: CInt
    private var isInMemory = true
    private let limit: Int

    /// Most bytes of an upload in memory.
    package static let memoryLimit = 64 << 20

    /// - Parameter limit: Most bytes in memory.
    /// - Throws: The system's error if there are too many open files.
    package init(memoryLimit limit: Int = memoryLimit) throws(Errno) {
        self.limit = limit
        descriptor = ganrm_open_memory_file()
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    }

    deinit { close(descriptor) }

    /// - Throws: The system's error for a full disk.
    package mutating func append(_ bytes: some ContiguousBytes) throws(Errno) {
        let failure = bytes.withUnsafeBytes { bytes -> CInt? in
            if isInMemory, byteCount + bytes.count > limit, let error = moveToFile() {
                return error
            }
            return Self.write(bytes, to: descriptor)
        }
        if let failure { throw Errno(rawValue: failure) }
        byteCount += bytes.withUnsafeBytes(\.count)
    }

    /// - Returns: The code of an error, or nil.
    private mutating func moveToFile() -> CInt? {
        let file = ganrm_open_unlinked_file(FileManager.default.temporaryDirectory.path)
        guard file >= 0 else { return errno }
        var offset: off_t = 0
        while offset < off_t(byteCount) {
            guard sendfile(file, descriptor, &offset, byteCount - Int(offset)) > 0 else {
                let code = errno
                close(file)
                return code
            }
        }
        close(descriptor)
        descriptor = file
        isInMemory = false
        return nil
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> CInt? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Foundation.write(
                descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            guard count >= 0 else {
                if errno == EINTR { continue }
                return errno
            }
            rest = rest.dropFirst(count)
        }
        return nil
    }

    /// Leaves the descriptor to the caller.
    fileprivate consuming func release() -> (descriptor: CInt, byteCount: Int) {
        let released = (descriptor, byteCount)
        discard self
        return released
    }
}
