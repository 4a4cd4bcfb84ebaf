import Foundation

/// Folders and entries of the file system.
///
/// `failing` converts a `FileError` to the caller's error type, for example `CatalogueError.file`.
package enum FileSystem {
    /// A path in the folder of `path` for a file or folder that replaces it when it is complete.
    static func temporaryPath(for path: String) -> String {
        "\(path).\(String(UInt64.random(in: .min ... .max), radix: 36)).part"
    }

    /// Renames a file or folder, replacing a file at `target`.
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

    /// The names in a folder, in no particular order.
    package static func names<Failure: Error>(
        inFolder path: String, failing: (FileError) -> Failure
    ) throws(Failure) -> [String] {
        do { return try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw failing(FileError(.read, path, wrapping: error))
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
