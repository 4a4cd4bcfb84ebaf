/// Errors of loading or using an encoder.
public enum EncoderError: Error, Equatable {
    /// The configuration or the preprocessing is invalid.
    case invalidConfiguration(reason: String)
    /// The tensor names match no known naming scheme.
    case unknownWeightScheme(file: String)
    /// The file has no text transformer whose names are known.
    case noTextTransformer(file: String)
    /// The file has no text encoder that attends to images.
    case noGroundedText(file: String)
    /// A text that a text transformer does not take.
    case invalidText(reason: String)
    /// Tensors are missing; `names` are in the file's naming scheme.
    case missingTensors(file: String, names: [String])
    /// The file has tensors that the configuration does not use.
    case unusedTensors(file: String, names: [String])
    case misshapenTensor(file: String, name: String, shape: [Int], expected: [Int])
    /// A tensor has an integer or Boolean dtype instead of a floating-point one.
    case unsupportedDtype(file: String, name: String, dtype: String)
    /// Tensors have infinities or NaNs.
    case notFinite(file: String, names: [String])
    /// The taps are not ascending block numbers.
    case invalidTaps(taps: [Int], layers: Int)
    /// The motion recipe's block is not computed.
    case invalidMotionBlock(block: Int, highestTap: Int)
    /// The burst length is out of range.
    case invalidBurstLength(Int)
    /// The number of content frames per burst is out of range.
    case invalidContentFrames(frames: Int, burst: Int)
    /// The motion recipe is of another revision.
    case unsupportedMotionRevision(revision: Int)
    /// A clip has an unsupported frame count or frame size.
    case invalidClip(reason: String)
    /// There is not enough memory for the encoder's weights or for a batch.
    case outOfMemory(byteCount: Int)
}

extension EncoderError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .outOfMemory(let byteCount):
            """
            there is not enough memory for the encoder, which needs \(byteCount >> 20) MiB more; take \
            fewer --threads, a smaller encoder or --precision int8
            """
        case .invalidConfiguration(let reason):
            "the encoder's configuration is impossible: \(reason)"
        case .unknownWeightScheme(let file):
            """
            '\(file)' holds no vision transformer that is known; Hugging Face CLIP and DINOv2, \
            OpenAI/open_clip and ViCLIP names are
            """
        case .noTextTransformer(let file):
            """
            '\(file)' holds no text transformer that is known; those of CLIP and ViCLIP under the names of Hugging Face or \
            OpenAI are
            """
        case .noGroundedText(let file):
            """
            '\(file)' holds no text encoder that attends to images; that of BLIP under the names of Hugging Face's BERT \
            is known
            """
        case .invalidText(let reason): reason
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
        case .unsupportedDtype(let file, let name, let dtype):
            "'\(name)' in '\(file)' is of type \(dtype), not floating point"
        case .notFinite(let file, let names):
            "'\(file)' has infinities or NaNs in \(Self.list(names)); it is damaged, or its training diverged"
        case .invalidTaps(let taps, let layers):
            "taps \(taps) are not ascending block numbers from 1 to \(layers)"
        case .invalidMotionBlock(let block, let highest):
            "motion is taken from a block between 1 and the highest tap, \(highest), not from \(block)"
        case .invalidBurstLength(let burst):
            """
            motion is followed over \(MotionRecipe.bursts.lowerBound) to \
            \(MotionRecipe.bursts.upperBound) frames at a time, not \(burst)
            """
        case .invalidContentFrames(let frames, let burst):
            "content is taken from 1 to \(burst) frames of a burst of \(burst), not from \(frames)"
        case .unsupportedMotionRevision(let revision):
            """
            it takes motion as another version of ganrm does (revision \(revision), here \(MotionRecipe.current)): \
            train the head again
            """
        case .invalidClip(let reason):
            reason
        }
    }

    /// The first three names and the number of further ones.
    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
        return names.count > 3 ? "\(shown) and \(names.count - 3) more tensors" : shown
    }
}
