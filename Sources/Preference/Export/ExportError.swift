public import Files

/// An error of a data set export. No partial data set is left behind.
public enum ExportError: Error, Sendable, Hashable {
    case file(FileError)
    case notAFolder(path: String)
    case exists(path: String)
    case foreignFolder(path: String)
    case holdsCandidates(path: String, input: String)
    case needsFiles(format: String)
    case unplaceable(input: String, placement: FilePlacement, reason: String)
    case region(input: String, reason: String)
    case interrupted
}

extension ExportError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .notAFolder(let path):
            "'\(path)' is a file where the data set's folder should be; name another"
        case .exists(let path):
            "'\(path)' already holds a data set; name another folder or have it replaced"
        case .foreignFolder(let path):
            "'\(path)' holds other files and is not replaced; name a new folder"
        case .holdsCandidates(let path, let input):
            "'\(path)' would be replaced, but holds the candidate '\(input)'; name another folder"
        case .needsFiles(let format):
            """
            the loader of \(format) looks for files inside the data set only, so they cannot stay where \
            they are; use hard links, symbolic links or copies
            """
        case .unplaceable(let input, let placement, let reason):
            switch placement {
            case .hardlink:
                "no hard link to '\(input)': \(reason); use symbolic links or copies"
            case .symlink: "no symbolic link to '\(input)': \(reason); use copies"
            case .copy, .reference: "'\(input)' cannot be copied: \(reason)"
            }
        case .region(let input, let reason):
            "'\(input)' cannot be written as a file of its own: \(reason)"
        case .interrupted:
            "interrupted; no data set was written"
        }
    }
}
