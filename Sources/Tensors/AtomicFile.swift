package import Foundation

/// A file that appears whole under its name or not at all: written beside it, synced, renamed.
package struct AtomicFile {
    private let descriptor: Int32
    private let path: String

    /// Writes `path` with what `body` appends; on any error `path` is left as it was.
    package static func write(
        to path: String, _ body: (AtomicFile) throws(TensorError) -> Void
    ) throws(TensorError) {
        let temporary = path + "." + String(UInt64.random(in: .min ... .max), radix: 36) + ".part"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .unwritable(path: path, reason: lastReason()) }
        defer { close(descriptor) }
        do throws(TensorError) {
            try body(AtomicFile(descriptor: descriptor, path: path))
            guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
                throw .unwritable(path: path, reason: lastReason())
            }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    package func append(_ bytes: UnsafeRawBufferPointer) throws(TensorError) {
        var rest = bytes
        while !rest.isEmpty {
            let written = Foundation.write(descriptor, rest.baseAddress, min(rest.count, 1 << 30))
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                throw .unwritable(path: path, reason: Self.lastReason())
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    package func append(_ data: Data) throws(TensorError) {
        // Foundation's closures have untyped errors; the result carries the type across.
        try data.withUnsafeBytes { bytes in
            Result { () throws(TensorError) in try append(bytes) }
        }.get()
    }

    private static func lastReason() -> String { String(cString: strerror(errno)) }
}
