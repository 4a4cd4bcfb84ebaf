import Foundation
public import SystemPackage

/// A file operation that failed.
public struct FileError: Error, Hashable, Sendable {
    public enum Operation: String, Hashable, Sendable {
        case read, write
    }

    public enum Cause: Hashable, Sendable {
        /// A system call failed.
        case system(Errno)
        /// Another reason, as a clause: the type, the length or the content of the file, or the message of
        /// a library that reads or writes it.
        case file(String)
    }

    public var operation: Operation
    /// The path as the caller named it; for a temporary file, the path of the file that it replaces.
    public var path: String
    public var cause: Cause

    public init(_ operation: Operation, _ path: String, _ cause: Cause) {
        self.operation = operation
        self.path = path
        self.cause = cause
    }

    /// The failure of the system call that has just returned, from `errno`.
    package static func last(_ operation: Operation, _ path: String) -> FileError {
        let cause = Errno(rawValue: errno)
        // "No such file or directory" about a file that is to be created means its folder.
        let folder = PathName.folder(of: path)
        if operation == .write, cause == .noSuchFileOrDirectory, access(folder, F_OK) != 0 {
            return FileError(operation, path, .file("there is no folder '\(folder)'"))
        }
        if operation == .read, cause == .noSuchFileOrDirectory,
            let failure = FolderEntry.failure(ofPath: path)
        {
            return failure
        }
        return FileError(operation, path, .system(cause))
    }

    /// A failure of Foundation, by the system error underneath it; see `Errno(wrapping:)`.
    package init(_ operation: Operation, _ path: String, wrapping error: any Error) {
        self.init(
            operation, path,
            Errno(wrapping: error).map { .system($0) } ?? .file("the system gives no reason"))
    }

    /// The cause as a clause, without path and operation.
    public var reason: String {
        switch cause {
        case .system(let errno): errno.description
        case .file(let reason): reason
        }
    }
}

extension Errno {
    /// The system error underneath one of Foundation, or the one of which Foundation's code tells;
    /// nil if there is none. Foundation's sentences name neither the path nor the cause.
    package init?(wrapping error: any Error) {
        var inner: NSError? = error as NSError
        while let error = inner, error.domain != NSPOSIXErrorDomain {
            inner = error.userInfo[NSUnderlyingErrorKey] as? NSError
        }
        if let inner {
            self.init(rawValue: CInt(inner.code))
            return
        }
        guard let code = (error as? CocoaError)?.code else { return nil }
        switch code {
        case .fileNoSuchFile, .fileReadNoSuchFile: self = .noSuchFileOrDirectory
        case .fileReadNoPermission, .fileWriteNoPermission: self = .permissionDenied
        case .fileWriteFileExists: self = .fileExists
        case .fileWriteOutOfSpace: self = .noSpace
        case .fileWriteVolumeReadOnly: self = .readOnlyFileSystem
        case .fileReadInvalidFileName, .fileWriteInvalidFileName: self = .fileNameTooLong
        default: return nil
        }
    }
}

extension FileError: CustomStringConvertible {
    public var description: String { "cannot \(operation.rawValue) '\(path)': \(reason)" }
}
