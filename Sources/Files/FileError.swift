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
        FileError(operation, path, .system(Errno(rawValue: errno)))
    }

    /// A failure of Foundation, by the system error underneath it if there is one.
    package init(_ operation: Operation, _ path: String, wrapping error: any Error) {
        var inner: NSError? = error as NSError
        while let error = inner, error.domain != NSPOSIXErrorDomain {
            inner = error.userInfo[NSUnderlyingErrorKey] as? NSError
        }
        self.init(
            operation, path,
            inner.map { .system(Errno(rawValue: CInt($0.code))) }
                ?? .file(error.localizedDescription))
    }

    /// The cause as a clause, without path and operation.
    public var reason: String {
        switch cause {
        case .system(let errno): errno.description
        case .file(let reason): reason
        }
    }
}

extension FileError: CustomStringConvertible {
    public var description: String { "cannot \(operation.rawValue) '\(path)': \(reason)" }
}
