package import Foundation
import SystemPackage

/// Files that are read at once. Large ones are memory-mapped: if a program truncates one meanwhile,
/// the process gets SIGBUS. Small ones are read, since they are what people edit.
///
/// `failing` converts a `FileError` to the caller's error type, for example `CatalogueError.file`.
package enum WholeFile {
    /// Regular files from this length on, in bytes, are memory-mapped.
    private static let mappedSize = 16 << 20
    /// Largest content of a pipe, in bytes.
    static let pipeLimit = 2 << 30

    /// The content of a file.
    ///
    /// - Parameter path: `-` is standard input.
    package static func data<Failure: Error>(
        _ path: String, failing: (FileError) -> Failure
    ) throws(Failure) -> Data {
        let file = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failing(.last(.read, path)) }
        defer { if file != STDIN_FILENO { close(file) } }
        try FileSystem.checkReadable(file, path: path, failing: failing)
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failing(.last(.read, path)) }
        // Files of `/proc` have no length, and standard input may have been read in part.
        if status.st_mode & S_IFMT == S_IFREG, status.st_size >= mappedSize, file != STDIN_FILENO {
            let count = Int(status.st_size)
            if let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0), start != MAP_FAILED {
                return Data(bytesNoCopy: start, count: count, deallocator: .unmap)
            }
        }
        var data = Data()
        var available = 0
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = Foundation.read(file, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failing(.last(.read, path)) }
            if count == 0 { return data }
            if data.count + count > available {
                guard data.count < pipeLimit else {
                    let limit = "it has more than \(pipeLimit >> 30) GiB; write it to a file"
                    throw failing(FileError(.read, path, .file(limit)))
                }
                available = max(2 * available, 1 << 20)
                // `Data` copies its bytes to grow.
                guard Memory.isAvailable(2 * available) else {
                    throw failing(FileError(.read, path, .system(.noMemory)))
                }
            }
            data.append(contentsOf: chunk[..<count])
        }
    }

    /// The content of a UTF-8 file.
    ///
    /// - Parameter path: `-` is standard input.
    package static func text<Failure: Error>(
        _ path: String, failing: (FileError) -> Failure
    ) throws(Failure) -> String {
        let data = try data(path, failing: failing)
        guard let text = String(validating: data, as: UTF8.self) else {
            throw failing(FileError(.read, path, .file("it is not UTF-8")))
        }
        return text
    }
}
