/// The selected candidates of a prompt (best-of-N), examples for supervised fine-tuning.
///
/// Source: arXiv 2506.13846, section 3.2.
public struct Selection: Sendable, Hashable {
    /// The group of the candidates, with an empty candidate list.
    public let group: CandidateGroup
    /// Best first; empty if no candidate reaches the minimum score.
    public let kept: [RankedGroup.Ranked]

    /// Selects the best candidates.
    ///
    /// - Parameters:
    ///   - count: Maximum number of candidates.
    ///   - minScore: Minimum σ(logit), 0…1.
    public init(_ ranked: RankedGroup, best count: Int = 1, minScore: Double = 0) {
        kept = Array(ranked.ranked.prefix(count).prefix { $0.score.value >= minScore })
        let group = ranked.group
        self.group = CandidateGroup(name: group.name, prompt: group.prompt, extras: group.extras)
    }
}
