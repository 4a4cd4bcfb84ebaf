/// The output of a transformer for one clip: the CLS token and the mean of all tokens, per tap.
///
/// Source: arXiv 2506.13846, Table 6, rows 2 to 4.
public struct Embedding: Sendable, Hashable {
    /// The CLS token after each tap, `[taps, width]`.
    public let cls: [Float]
    /// The mean over all tokens, CLS included, after each tap, `[taps, width]`.
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

    /// CLS token and mean of each tap, lowest block first, `[taps, 2, width]`.
    public var vector: [Float] {
        stride(from: 0, to: cls.count, by: width).flatMap { start in
            cls[start..<start + width] + mean[start..<start + width]
        }
    }
}
