public import Files

/// Errors of the samples and the checkpoints of a training.
public enum TrainingError: Error, Equatable {
    case file(FileError)
    /// A validation sample without a label.
    case unlabelled(input: String)
    /// A sample of a file of embeddings whose label or weight is not valid.
    case invalidSample(input: String, reason: String)
    /// An option that needs frames, with a file of embeddings as input.
    case framesNeeded(path: String, option: String)
}

extension TrainingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .unlabelled(let input):
            "'\(input)' is to try heads on, but has no label; give it one (1 proxy, 0 generated) in a list"
        case .invalidSample(let input, let reason):
            "'\(input)' cannot be trained on: \(reason)"
        case .framesNeeded(let path, let option):
            "\(option) works on frames, '\(path)' holds embeddings; name the clips they were made of"
        }
    }
}
