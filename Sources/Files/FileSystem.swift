import Foundation
import SystemPackage

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
        if mkdir(path, 0o777) == 0 { return }
        if errno == ENOENT, !path.isEmpty {
            let parent = PathName.folder(of: path)
            guard parent != "/", parent != "." else { throw failing(.last(.write, path)) }
            try makeFolder(parent, failing: failing)
            if mkdir(path, 0o777) == 0 { return }
        }
        // The system's reason for one that exists is the same whatever it is.
        guard errno == EEXIST else { throw failing(.last(.write, path)) }
        if try type(of: path, failing: failing) == .folder { return }
        throw failing(FileError(.write, path, .file("it exists and is no folder")))
    }

    /// The names in a folder, in no particular order. Bytes that are not UTF-8 are replaced.
    package static func names<Failure: Error>(
        inFolder path: String, failing: (FileError) -> Failure
    ) throws(Failure) -> [String] {
        try entries(inFolder: path, failing: failing).map(\.name)
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

    /// Whether two paths name the same file, which exists.
    package static func isSameFile(_ path: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        return stat(path, &first) == 0 && stat(other, &second) == 0
            && first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    /// Whether a path names an open file.
    static func isSame(_ path: String, _ fileDescriptor: CInt) -> Bool {
        var (named, opened) = (stat(), stat())
        return stat(path, &named) == 0 && fstat(fileDescriptor, &opened) == 0
            && named.st_dev == opened.st_dev && named.st_ino == opened.st_ino
    }

    /// Checks that a file can be written, without creating it.
    ///
    /// - Parameter isReplaced: Whether the file is written beside `path` and then renamed.
    package static func checkWritable<Failure: Error>(
        _ path: String, isReplaced: Bool = false, failing: (FileError) -> Failure
    ) throws(Failure) {
        func check(_ found: CInt) throws(Failure) {
            guard found == 0 else { throw failing(.last(.write, path)) }
        }
        var status = stat()
        let exists = stat(path, &status) == 0
        if exists, status.st_mode & S_IFMT == S_IFDIR {
            throw failing(FileError(.write, path, .system(.isDirectory)))
        }
        if exists, !isReplaced { return try check(access(path, W_OK)) }
        if isReplaced { try checkReplaceable(path, failing: failing) }
        let folder = PathName.folder(of: path)
        guard stat(folder, &status) == 0 else { throw failing(.last(.write, path)) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw failing(FileError(.write, path, .file("'\(folder)' is not a folder")))
        }
        try check(access(folder, W_OK | X_OK))
    }

    /// Refuses what can be written but not replaced: renaming a file to `/dev/null` would replace the
    /// device.
    static func checkReplaceable<Failure: Error>(
        _ path: String, failing: (FileError) -> Failure
    ) throws(Failure) {
        guard isStream(path) else { return }
        throw failing(
            FileError(
                .write, path,
                .file("it is a device or a pipe, which cannot be replaced; name a file")))
    }

    /// Whether a path names a device, a pipe or an open file (`/dev/stdout`).
    static func isStream(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        guard [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else { return true }
        guard let resolved = realpath(PathName.folder(of: path), nil) else { return false }
        defer { free(resolved) }
        let folder = String(cString: resolved)
        return folder == "/dev" || folder.hasPrefix("/proc/")
    }

    /// Length of a regular file in bytes; nil if there is none.
    package static func byteCount(_ path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }
}

/// Types of files.
extension FileSystem {
    package enum FileType: Hashable, Sendable {
        case file, folder, pipe, socket, device

        /// What it is, as words of a sentence.
        package var words: String {
            switch self {
            case .file: "a file"
            case .folder: "a folder"
            case .pipe: "a named pipe"
            case .socket: "a socket"
            case .device: "a device"
            }
        }
    }

    /// The type of what a path names, symbolic links followed; nil if it does not exist.
    ///
    /// A path that cannot be followed (no permission, a cycle of links, a file in place of a folder,
    /// a name that is too long) is an error; it may exist.
    package static func type<Failure: Error>(
        of path: String, failing: (FileError) -> Failure
    ) throws(Failure) -> FileType? {
        guard !path.utf8.contains(0) else {
            throw failing(FileError(.read, path, .file("a path with a zero byte names no file")))
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw failing(.last(.read, path))
        }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        case S_IFIFO: .pipe
        case S_IFSOCK: .socket
        default: .device
        }
    }

    /// Checks that an open file can have an end: `/dev/zero`, `/dev/urandom` and disks are refused,
    /// terminals and `/dev/null` are not.
    static func checkReadable<Failure: Error>(
        _ fileDescriptor: CInt, path: String, failing: (FileError) -> Failure
    ) throws(Failure) {
        var status = stat()
        guard fstat(fileDescriptor, &status) == 0 else { throw failing(.last(.read, path)) }
        var null = stat()
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            throw failing(FileError(.read, path, .file("it is a folder")))
        case S_IFBLK:
            throw failing(FileError(.read, path, .file("it is a device, not a file")))
        case S_IFCHR where isatty(fileDescriptor) == 0:
            guard stat("/dev/null", &null) == 0, null.st_rdev == status.st_rdev else {
                throw failing(FileError(.read, path, .file("it is a device, not a file")))
            }
        default: break
        }
    }

    /// Whether a path names anything, symbolic links followed; see `type(of:)` for errors.
    package static func exists<Failure: Error>(
        _ path: String, failing: (FileError) -> Failure
    ) throws(Failure) -> Bool {
        try type(of: path, failing: failing) != nil
    }
}
