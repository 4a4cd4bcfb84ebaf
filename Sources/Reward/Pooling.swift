/// How the scores of a video's clips become the video's.
public enum Pooling {
    /// The mean of the clips' logits; nil if there is no clip.
    ///
    /// Logits rather than scores: a mean of saturated scores would no longer tell good from better.
    public static func pool(_ clipLogits: [Double]) -> Double? {
        guard !clipLogits.isEmpty else { return nil }
        return clipLogits.reduce(0, +) / Double(clipLogits.count)
    }
}
