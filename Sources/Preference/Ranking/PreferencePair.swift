/// Two candidates of a prompt, of which the first is preferred: an example for DPO.
public struct PreferencePair: Sendable, Hashable {
    /// The group they come from; its candidates are left out.
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

    /// The chosen one's logit minus the rejected one's: above 0, unless the rejected one is excluded.
    public var margin: Double { chosen.score.logit - rejected.score.logit }
}
