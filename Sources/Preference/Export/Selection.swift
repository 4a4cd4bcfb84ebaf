/// The candidates of a prompt that are kept: best-of-N, examples for supervised fine-tuning.
public struct Selection: Sendable, Hashable {
    /// The group they come from; its candidates are left out.
    public let group: CandidateGroup
    /// Best first.
    public let kept: [RankedGroup.Ranked]

    public init(group: CandidateGroup, kept: [RankedGroup.Ranked]) {
        self.group = CandidateGroup(name: group.name, prompt: group.prompt, extras: group.extras)
        self.kept = kept
    }

    /// Keeps the best, at most `count` of them.
    public init(_ ranked: RankedGroup, best count: Int = 1) {
        self.init(group: ranked.group, kept: Array(ranked.ranked.prefix(count)))
    }
}
