import Glibc

/// A name in a folder, as the file system has it.
package struct FolderEntry: Hashable, Sendable {
    /// The name; with replacement characters if the bytes are not UTF-8.
    package let name: String
    /// The bytes, those outside ASCII as `\xe9`; nil if the bytes are UTF-8.
    ///
    /// A `String` path cannot name such a file.
    package let escapedBytes: String?
    /// Whether the entry is a folder, links not followed; false if the file system does not say.
    package let isFolder: Bool

    package init(bytes: [UInt8], isFolder: Bool = false) {
        self.isFolder = isFolder
        if let name = String(validating: bytes, as: UTF8.self) {
            self.name = name
            escapedBytes = nil
        } else {
            name = String(decoding: bytes, as: UTF8.self)
            escapedBytes = bytes.map { byte in
                (0x20..<0x7f).contains(byte)
                    ? String(Unicode.Scalar(byte)) : "\\x" + [byte].hexadecimal
            }.joined()
        }
    }

    /// Why the file cannot be read; nil for a name that is UTF-8.
    ///
    /// - Parameter folder: The path of the folder; nil if the name is a path.
    package func failure(in folder: String?) -> FileError? {
        escapedBytes.map { bytes in
            FileError(
                .read, folder.map { PathName.join($0, name) } ?? name,
                .file("its name '\(bytes)' is not UTF-8; rename it"))
        }
    }

    /// Why a path that does not exist cannot be read, if it is the text of one whose bytes are not
    /// UTF-8; else nil.
    package static func failure(ofPath path: String) -> FileError? {
        guard path.unicodeScalars.contains("\u{fffd}") else { return nil }
        var folder = PathName.isAbsolute(path) ? "/" : "."
        for component in PathName.components(of: path) {
            let inner = PathName.join(folder, component)
            if access(inner, F_OK) != 0 {
                let entries = (try? FileSystem.entries(inFolder: folder, failing: { $0 })) ?? []
                let failure = entries.first {
                    $0.escapedBytes != nil && $0.name.utf8.elementsEqual(component.utf8)
                }?.failure(in: nil)
                return failure.map { FileError(.read, path, $0.cause) }
            }
            folder = inner
        }
        return nil
    }
}

extension FileSystem {
    /// The entries of a folder without `.` and `..`, in no particular order.
    package static func entries<Failure: Error>(
        inFolder path: String, failing: (FileError) -> Failure
    ) throws(Failure) -> [FolderEntry] {
        guard let folder = opendir(path) else { throw failing(.last(.read, path)) }
        defer { closedir(folder) }
        var entries: [FolderEntry] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else {
                guard errno == 0 else { throw failing(.last(.read, path)) }
                return entries
            }
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if bytes == Array(".".utf8) || bytes == Array("..".utf8) { continue }
            entries.append(
                FolderEntry(bytes: bytes, isFolder: Int(entry.pointee.d_type) == Int(DT_DIR)))
        }
    }
}
