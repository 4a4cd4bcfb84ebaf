/// Errors of the samples of a training.
public enum TrainingError: Error, Equatable {
    /// A validation sample without a label.
    case unlabelled(input: String)
}

extension TrainingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unlabelled(let input):
            "'\(input)' is to try heads on, but has no label; give it one (1 proxy, 0 generated) in a list"
        }
    }
}
