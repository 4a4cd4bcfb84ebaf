/// The output of a transformer for one clip: the CLS token and the mean of all tokens, per tap. Or all tokens, or the
/// features of a convolutional net.
///
/// Source: arXiv 2506.13846, Table 6, rows 2 to 4.
public struct Embedding: Sendable, Hashable {
    /// The CLS token after each tap, `[taps, width]`; all tokens, or a convolutional net's features, `[width]`.
    public let cls: [Float]
    /// The mean over all tokens, CLS included, after each tap, `[taps, width]`; empty for all tokens and for features.
    public let mean: [Float]
    /// Token width.
    public let width: Int
    /// Patch tokens of each frame after the motion recipe's block, `[frames][patches, width]`;
    /// empty without motion features.
    let patches: [[Float]]

    /// - Precondition: `cls` and `mean` have the same count, a multiple of `width`.
    init(cls: [Float], mean: [Float], width: Int, patches: [[Float]] = []) {
        precondition(cls.count == mean.count && cls.count.isMultiple(of: width))
        self.cls = cls
        self.mean = mean
        self.width = width
        self.patches = patches
    }

    /// All tokens, or the features of a convolutional net.
    init(features: [Float]) {
        cls = features
        mean = []
        width = features.count
        patches = []
    }

    /// The features, or CLS token and mean of each tap, lowest block first, `[taps, 2, width]`.
    public var vector: [Float] {
        if mean.isEmpty { return cls }
        return stride(from: 0, to: cls.count, by: width).flatMap { start in
            cls[start..<start + width] + mean[start..<start + width]
        }
    }
}
