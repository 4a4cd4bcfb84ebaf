/// The best of a prompt's candidates: examples for supervised fine-tuning.
///
/// Source: arXiv 2506.13846, section 3.2, best-of-N.
public struct Selection: Sendable, Hashable {
    public let group: CandidateGroup
    /// Best first, at least one.
    public let kept: [RankedGroup.Ranked]

    /// - Parameters:
    ///   - count: Most that are kept.
    ///   - minScore: Least σ(logit), 0…1.
    /// - Returns: Nil if none is good enough.
    public init?(_ ranked: RankedGroup, count: Int = 1, minScore: Double = 0) {
        let good = ranked.ranked.prefix(count).prefix { $0.score.value >= minScore }
        guard !good.isEmpty else { return nil }
        group = ranked.group
        kept = Array(good)
    }
}
