import Foundation

/// Folders and entries of the file system.
///
/// `failing` converts a `FileError` to the caller's error type, for example `CatalogueError.file`.
package enum FileSystem {
    /// Renames a file, replacing `target`.
    package static func move<Failure: Error>(
        _ path: String, to target: String, failing: (FileError) -> Failure
    ) throws(Failure) {
        guard rename(path, target) == 0 else { throw failing(.last(.write, target)) }
    }

    /// Creates a folder and its parent folders.
    package static func makeFolder<Failure: Error>(
        _ path: String, failing: (FileError) -> Failure
    ) throws(Failure) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw failing(FileError(.write, path, wrapping: error))
        }
    }

    /// Removes a file, a symbolic link or, recursively, a folder, if it exists.
    package static func remove<Failure: Error>(
        _ path: String, failing: (FileError) -> Failure
    ) throws(Failure) {
        // Unlike `fileExists`, this finds dangling symbolic links.
        guard (try? FileManager.default.attributesOfItem(atPath: path)) != nil else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw failing(FileError(.write, path, wrapping: error))
        }
    }

    /// Length of a regular file in bytes; nil if there is none.
    package static func byteCount(_ path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }
}
