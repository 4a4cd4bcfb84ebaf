/// Errors of loading a reward model with its encoders.
public enum ScoringError: Error, Equatable {
    case noDefaultModel(searched: [String])
    /// A name of a reward model that is no file.
    case noModel(name: String, remedy: String)
    case encoderDescription(path: String, reason: String)
    case clipLength(encoder: String, expected: Int, requested: Int)
    /// An image for an encoder that needs the frames of a video.
    case noImages(encoder: String, input: String)
    /// A clip has no embedding of finite values.
    case embedding(reason: String)
}

extension ScoringError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noDefaultModel(let searched):
            """
            the default reward model is not installed (looked for \
            \(searched.joined(separator: ", "))); name one with --model or set GANRM_DATA
            """
        case .noModel(let name, let remedy): "there is no reward model '\(name)'; \(remedy)"
        case .encoderDescription(let path, let reason):
            "'\(path)' does not describe an encoder: \(reason)"
        case .clipLength(let encoder, let expected, let requested):
            "\(encoder) sees clips of \(expected) frames, not \(requested); use --frames \(expected)"
        case .noImages(let encoder, let input):
            "'\(input)' is an image, and \(encoder) takes videos"
        case .embedding(let reason): reason
        }
    }
}
