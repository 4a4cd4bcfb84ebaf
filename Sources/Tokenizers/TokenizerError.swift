public import Files

/// An error of a tokenizer.
public enum TokenizerError: Error, Sendable, Equatable {
    case file(FileError)
    /// A vocabulary that is none, or not that of the model.
    case invalidVocabulary(path: String, reason: String)
}

extension TokenizerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .invalidVocabulary(let path, let reason):
            "'\(path)' is not the model's vocabulary: \(reason)"
        }
    }
}
