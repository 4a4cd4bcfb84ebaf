/// Two candidates of a prompt, the first one preferred: a training example for DPO.
public struct PreferencePair: Sendable, Hashable {
    /// The group of the candidates, with an empty candidate list.
    public let group: CandidateGroup
    public let chosen: RankedGroup.Ranked
    public let rejected: RankedGroup.Ranked

    public init(
        group: CandidateGroup, chosen: RankedGroup.Ranked, rejected: RankedGroup.Ranked
    ) {
        self.group = CandidateGroup(name: group.name, prompt: group.prompt, extras: group.extras)
        self.chosen = chosen
        self.rejected = rejected
    }

    /// Logit of the chosen minus that of the rejected candidate; above 0 unless the latter is excluded.
    public var margin: Double { chosen.score.logit - rejected.score.logit }
}
