public import Frames
public import Tensors

/// Errors of reward models and trainings.
public enum RewardError: Error, Equatable {
    /// The head's file cannot be read or written.
    case file(TensorError)
    /// A tensor of a head is missing, unknown, misshapen or has invalid values.
    case badTensor(source: String, tensor: String, problem: String)
    /// The file has no valid metadata record of the head's encoders and training.
    case badRecord(source: String, reason: String)
    /// A folder contains no head, or several.
    case noHead(folder: String, reason: String)
    /// The head was trained with another encoder, preprocessing or taps.
    case encoderMismatch(role: MediaKind, reason: String)
    /// The head was not trained for this kind of input.
    case noEncoder(role: MediaKind, known: [MediaKind])
    /// A setting is out of its range.
    case badSetting(name: String, requirement: String)
    /// The examples cannot be trained on.
    case badExamples(reason: String)
    /// A score has a number that is not finite or larger than `Score.logitLimit`.
    case badScore(name: String, value: Double)
    /// The loss is no longer finite.
    case diverged(step: Int)
}

extension RewardError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .badTensor(let source, let tensor, let problem):
            "'\(source)' is no reward head: tensor '\(tensor)' \(problem)"
        case .badRecord(let source, let reason):
            "'\(source)' does not say what its head was trained with: \(reason)"
        case .noHead(let folder, let reason):
            "'\(folder)' holds no reward model: \(reason)"
        case .encoderMismatch(let role, let reason):
            "the head cannot score this encoder's \(role.rawValue) embeddings: \(reason)"
        case .noEncoder(let role, let known):
            """
            the head was not trained for \(role.rawValue) input, only for \
            \(known.map(\.rawValue).joined(separator: " and ")); train one with such examples
            """
        case .badSetting(let name, let requirement): "setting '\(name)' must be \(requirement)"
        case .badExamples(let reason): "cannot train: \(reason)"
        case .badScore(let name, let value):
            """
            the reward model gives \(name) of \(value), which is no number up to \(Score.logitLimit); \
            its weights are damaged or too large
            """
        case .diverged(let step):
            "the training diverged at step \(step); lower the learning rate or check the embeddings"
        }
    }
}
