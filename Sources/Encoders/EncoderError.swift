/// Why an encoder could not be built or used.
public enum EncoderError: Error, Equatable {
    /// A configuration that no transformer can have.
    case impossibleConfiguration(reason: String)
    /// The weights follow no naming scheme that is known.
    case unknownWeightScheme(file: String)
    /// The weights lack tensors; the names are the scheme's own.
    case missingTensors(file: String, names: [String])
    /// The weights hold tensors that the configuration has no use for.
    case unusedTensors(file: String, names: [String])
    case misshapenTensor(file: String, name: String, shape: [Int], expected: [Int])
    /// A tensor of integers or truth values where numbers belong.
    case notNumbers(file: String, name: String, elementType: String)
    /// Taps that are not ascending block numbers.
    case impossibleTaps(taps: [Int], layers: Int)
    /// Motion from a block that is not computed.
    case impossibleMotion(block: Int, highestTap: Int)
    /// Bursts that are too short or too long to be followed.
    case impossibleBurst(Int)
    /// The content of no frame of a burst, or of more than it has.
    case impossibleContent(frames: Int, burst: Int)
    /// Motion as other versions of this library take it.
    case unknownMotion(revision: Int)
    /// A clip whose frame count or size the encoder does not take.
    case unsuitableClip(reason: String)
}

extension EncoderError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .impossibleConfiguration(let reason):
            "the encoder's configuration is impossible: \(reason)"
        case .unknownWeightScheme(let file):
            """
            '\(file)' holds no vision transformer that is known; Hugging Face CLIP and DINOv2, \
            OpenAI/open_clip and ViCLIP names are
            """
        case .missingTensors(let file, let names):
            """
            '\(file)' lacks \(Self.list(names)); is it another size of the encoder, or only a part?
            """
        case .unusedTensors(let file, let names):
            """
            '\(file)' holds \(Self.list(names)), which this encoder has no use for; \
            is it another size of the encoder?
            """
        case .misshapenTensor(let file, let name, let shape, let expected):
            "'\(name)' in '\(file)' has the shape \(shape), but this encoder needs \(expected)"
        case .notNumbers(let file, let name, let elementType):
            "'\(name)' in '\(file)' is of type \(elementType), not floating point"
        case .impossibleTaps(let taps, let layers):
            "taps \(taps) are not ascending block numbers from 1 to \(layers)"
        case .impossibleMotion(let block, let highest):
            "motion is taken from a block between 1 and the highest tap, \(highest), not from \(block)"
        case .impossibleBurst(let burst):
            """
            motion is followed over \(MotionRecipe.bursts.lowerBound) to \
            \(MotionRecipe.bursts.upperBound) frames at a time, not \(burst)
            """
        case .impossibleContent(let frames, let burst):
            "content is taken from 1 to \(burst) frames of a burst of \(burst), not from \(frames)"
        case .unknownMotion(let revision):
            """
            it takes motion as another version of ganrm does (revision \(revision), here \(MotionRecipe.current)): \
            train the head again
            """
        case .unsuitableClip(let reason):
            reason
        }
    }

    /// The first few names, and how many more there are.
    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
        return names.count > 3 ? "\(shown) and \(names.count - 3) more tensors" : shown
    }
}
