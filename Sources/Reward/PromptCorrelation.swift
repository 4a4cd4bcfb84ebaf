/// How well scores order the candidates of one prompt, the mean over prompts: what best-of-N needs,
/// where some prompts being easier than others must not help.
public struct PromptCorrelation: Sendable, Hashable {
    /// Of the prompts that count, by name: those with at least two candidates, whose scores and ratings
    /// both vary.
    public let prompts: [RankCorrelation]

    /// Nil if no prompt counts.
    ///
    /// - Parameter prompts: One per sample; samples without one are left out.
    public init?(scores: [Double], ratings: [Double], prompts: [String?]) {
        precondition(scores.count == ratings.count && scores.count == prompts.count)
        let named = prompts.indices.filter { prompts[$0] != nil }
        self.prompts = indicesByGroup(named.map { prompts[$0] }).compactMap { members in
            RankCorrelation(
                members.map { scores[named[$0]] }, members.map { ratings[named[$0]] })
        }
        if self.prompts.isEmpty { return nil }
    }

    /// Means over the prompts.
    public var spearman: Double { prompts.reduce(0) { $0 + $1.spearman } / Double(prompts.count) }
    public var kendall: Double { prompts.reduce(0) { $0 + $1.kendall } / Double(prompts.count) }
}
