/// The candidates of a prompt that are kept: best-of-N, examples for supervised fine-tuning.
///
/// Source: arXiv 2506.13846, section 3.2.
public struct Selection: Sendable, Hashable {
    /// The group they come from; its candidates are left out.
    public let group: CandidateGroup
    /// Best first; none if none was good enough.
    public let kept: [RankedGroup.Ranked]

    /// Keeps the best.
    ///
    /// - Parameters:
    ///   - count: Most that are kept.
    ///   - minScore: Least σ(logit), 0…1.
    public init(_ ranked: RankedGroup, best count: Int = 1, minScore: Double = 0) {
        kept = Array(ranked.ranked.prefix(count).prefix { $0.score.value >= minScore })
        let group = ranked.group
        self.group = CandidateGroup(name: group.name, prompt: group.prompt, extras: group.extras)
    }
}
