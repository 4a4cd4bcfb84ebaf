/// What an encoder says about one clip: the CLS token and the mean of all tokens, per tap.
///
/// Source: arXiv 2506.13846, Table 6, rows 2 to 4.
public struct Embedding: Sendable, Hashable {
    /// The CLS token after each tap, `[taps, width]`.
    public let cls: [Float]
    /// The mean over all tokens, CLS included, after each tap, `[taps, width]`.
    public let mean: [Float]
    /// Numbers per token.
    public let width: Int
    /// The patch tokens of each frame after the block that is followed, `[frames][patches, width]`; empty if none
    /// is.
    let patches: [[Float]]

    /// - Precondition: `cls` and `mean` hold the same whole number of taps.
    init(cls: [Float], mean: [Float], width: Int, patches: [[Float]] = []) {
        precondition(cls.count == mean.count && cls.count.isMultiple(of: width))
        self.cls = cls
        self.mean = mean
        self.width = width
        self.patches = patches
    }

    /// Tap by tap, the lowest block first: its CLS token, then its mean; `[taps, 2, width]`.
    public var vector: [Float] {
        stride(from: 0, to: cls.count, by: width).flatMap { start in
            cls[start..<start + width] + mean[start..<start + width]
        }
    }
}
