/// Rank correlation of scores and ratings within prompts, averaged over prompts.
///
/// This is the metric for best-of-N selection: differences between prompts do not contribute.
public struct PromptCorrelation: Sendable, Hashable {
    /// Correlations of the prompts with at least two candidates and with scores and ratings that
    /// are not constant, sorted by prompt.
    public let prompts: [RankCorrelation]

    /// Nil if there is no such prompt.
    ///
    /// - Parameter prompts: Prompt of each sample; samples without one are left out.
    public init?(scores: [Double], ratings: [Double], prompts: [String?]) {
        precondition(scores.count == ratings.count && scores.count == prompts.count)
        let named = prompts.indices.filter { prompts[$0] != nil }
        self.prompts = indicesByGroup(named.map { prompts[$0] }).compactMap { members in
            RankCorrelation(
                members.map { scores[named[$0]] }, members.map { ratings[named[$0]] })
        }
        if self.prompts.isEmpty { return nil }
    }

    /// Mean Spearman's ρ over the prompts, −1…1.
    public var spearman: Double { prompts.map(\.spearman).mean }
    /// Mean Kendall's τ-b over the prompts, −1…1.
    public var kendall: Double { prompts.map(\.kendall).mean }
}
