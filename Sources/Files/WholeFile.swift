package import Foundation

/// Files that are read at once.
///
/// `failing` converts a `FileError` to the caller's error type, for example `CatalogueError.file`.
package enum WholeFile {
    /// The content of a file, memory-mapped if that is safe.
    ///
    /// - Parameter path: `-` is standard input.
    package static func data<Failure: Error>(
        _ path: String, failing: (FileError) -> Failure
    ) throws(Failure) -> Data {
        do {
            return path == "-"
                ? try FileHandle.standardInput.readToEnd() ?? Data()
                : try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        } catch {
            throw failing(FileError(.read, path, wrapping: error))
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
