package import Foundation

/// A file that is written atomically: to a temporary file beside it, which is synced and renamed.
///
/// `failing` converts a `FileError` to the caller's error type, for example `CatalogueError.file`.
package struct AtomicFile<Failure: Error> {
    private let fileDescriptor: CInt
    private let path: String
    private let failing: (FileError) -> Failure

    /// Writes what `body` appends to `path`; on an error, `path` is unchanged.
    package static func write(
        to path: String, failing: @escaping (FileError) -> Failure,
        _ body: (AtomicFile) throws(Failure) -> Void
    ) throws(Failure) {
        try create(path, failing: failing) { (temporary) throws(Failure) in
            let fileDescriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            guard fileDescriptor >= 0 else { throw failing(.last(.write, path)) }
            try ChunkedFile.closing(fileDescriptor, path: path, failing: failing) {
                () throws(Failure) in
                try body(AtomicFile(fileDescriptor: fileDescriptor, path: path, failing: failing))
            }
        }
    }

    /// Creates `path` with `body`, which writes, copies or links a file to the given temporary path,
    /// without syncing it; on an error, `path` is unchanged.
    package static func create(
        _ path: String, failing: (FileError) -> Failure,
        _ body: (_ temporaryPath: String) throws(Failure) -> Void
    ) throws(Failure) {
        try FileSystem.checkReplaceable(path, failing: failing)
        let temporary = FileSystem.temporaryPath(for: path)
        UnfinishedOutputs.insert(temporary)
        // `rename` leaves both names if they are links to the same file.
        defer {
            unlink(temporary)
            UnfinishedOutputs.remove(temporary)
        }
        try body(temporary)
        try FileSystem.move(temporary, to: path, failing: failing)
    }

    /// Writes a whole file.
    package static func write(
        _ data: Data, to path: String, failing: @escaping (FileError) -> Failure
    ) throws(Failure) {
        try write(to: path, failing: failing) { (file) throws(Failure) in try file.append(data) }
    }

    package func append(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        try ChunkedFile.append(bytes, to: fileDescriptor, path: path, failing: failing)
    }

    package func append(_ data: Data) throws(Failure) {
        // Foundation's closures have untyped errors; `Result` preserves the error type.
        try data.withUnsafeBytes { bytes in
            Result { () throws(Failure) in try append(bytes) }
        }.get()
    }
}
