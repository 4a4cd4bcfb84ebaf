import CUploads
import Foundation
import Glibc
import Media

/// Files of the server's machine that clients may name: those in some folders, without following links.
struct AllowedFiles: Sendable {
    private let folders: [String]

    init(_ folders: [String]) {
        self.folders = folders.map {
            URL(filePath: $0).standardizedFileURL.path(percentEncoded: false)
        }
    }

    /// Opens a file.
    ///
    /// - Parameter path: Absolute, or relative to one of the folders.
    /// - Throws: `ServingError.badRequest`, the same for a file that is absent and for one that is not allowed.
    func open(_ path: String) throws(ServingError) -> Upload {
        guard !folders.isEmpty else {
            throw .badRequest(reason: "the server opens no files of its machine")
        }
        for folder in folders where !path.utf8.contains(0) {
            guard let inner = Self.inner(path, in: folder) else { continue }
            let descriptor = ganrm_open_beneath(folder, inner)
            if descriptor >= 0 { return Upload(descriptor: descriptor) }
        }
        throw .badRequest(reason: "the server has no such file in the folders that it may read")
    }

    /// The path in the folder; nil if it is in another one.
    private static func inner(_ path: String, in folder: String) -> String? {
        guard path.hasPrefix("/") else { return path }
        let root = folder.hasSuffix("/") ? folder : folder + "/"
        return path.hasPrefix(root) ? String(path.dropFirst(root.count)) : nil
    }
}
