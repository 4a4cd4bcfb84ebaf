import CUploads
import Foundation
import Glibc

/// Media that a client has sent, in memory or in an unlinked file.
///
/// The path is that of the open descriptor, which is closed when nothing refers to the upload any more. No name of a
/// client's becomes a path.
final class Upload: Sendable {
    let byteCount: Int
    private let descriptor: CInt

    /// What libav opens.
    var path: String { "/proc/self/fd/\(descriptor)" }

    /// The upload that a writer has written.
    init(_ writer: consuming UploadWriter) {
        (descriptor, byteCount) = writer.release()
    }

    /// - Throws: `ServingError.noSpace`.
    convenience init(_ bytes: some ContiguousBytes) throws(ServingError) {
        var writer = try UploadWriter()
        try writer.append(bytes)
        self.init(writer)
    }

    deinit { close(descriptor) }
}

/// Writes an upload piece by piece: in memory up to a size, then in an unlinked file of the temporary folder.
struct UploadWriter: ~Copyable {
    private(set) var byteCount = 0
    private var descriptor: CInt
    private var isInMemory = true

    /// Most bytes of an upload in memory.
    static let memoryLimit = 64 << 20

    /// - Throws: `ServingError.noSpace` if there are too many open files.
    init() throws(ServingError) {
        descriptor = ganrm_open_memory_file()
        guard descriptor >= 0 else { throw .noSpace(reason: String(cString: strerror(errno))) }
    }

    deinit { close(descriptor) }

    /// - Throws: `ServingError.noSpace` for a full disk.
    mutating func append(_ bytes: some ContiguousBytes) throws(ServingError) {
        let failure = bytes.withUnsafeBytes { bytes -> CInt? in
            if isInMemory, byteCount + bytes.count > Self.memoryLimit, let error = moveToFile() {
                return error
            }
            return Self.write(bytes, to: descriptor)
        }
        if let failure { throw .noSpace(reason: String(cString: strerror(failure))) }
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
            let count = Glibc.write(
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
