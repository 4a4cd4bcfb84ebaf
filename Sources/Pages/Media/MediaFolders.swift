import Foundation
import Media

/// Where the files of a list are: relative paths start at the list's folder, else at the working
/// directory.
public struct MediaFolders: Sendable, Hashable {
    /// The folder of the list; nil for standard input and without a list.
    let listFolder: String?

    /// - Parameter list: Path of the file that names the inputs; nil or `-` for none.
    public init(of list: String? = nil) {
        listFolder = list.flatMap { list in
            list == "-" ? nil : URL(fileURLWithPath: list).deletingLastPathComponent().path
        }
    }

    /// The path, with its member and region if it has them, by which an input of the list is opened.
    func located(_ input: String) -> String {
        guard let listFolder, !input.hasPrefix("/"), InputSource.path(input).scheme == nil else {
            return input
        }
        let path = TarMember.file(of: input)
        let beside = "\(listFolder)/\(path)"
        return FileManager.default.fileExists(atPath: beside) ? "\(listFolder)/\(input)" : input
    }

    /// The searched folders, for messages.
    var description: String {
        let current = FileManager.default.currentDirectoryPath
        let folders = listFolder == current ? [current] : [listFolder, current].compactMap(\.self)
        return folders.map { "'\($0)'" }.joined(separator: " and ")
    }
}
