/// A prompt's candidates, best first.
///
/// Source: arXiv 2506.13846, section 3.2: candidates of a prompt are sorted by the reward model's score.
public struct RankedGroup: Sendable, Hashable {
    /// A candidate with its score and rank.
    public struct Ranked: Sendable, Hashable {
        public let candidate: Candidate
        /// From 1.
        public let rank: Int
        public let score: CandidateScore
        /// Logit minus that of the next candidate, at least 0; nil for the last. In the Bradley–Terry
        /// model, σ(margin) is the probability that this candidate is preferred to the next.
        public let margin: Double?
    }

    /// A scored candidate that must not win, ranked behind all that may.
    public struct Excluded: Sendable, Hashable {
        public let candidate: Candidate
        /// Continues the ranks of the candidates that may win.
        public let rank: Int
        public let score: CandidateScore
        /// Reason in a few words.
        public let reason: String

        /// The candidate as the rejected one of a pair.
        var asRejected: Ranked {
            Ranked(candidate: candidate, rank: rank, score: score, margin: nil)
        }
    }

    /// A candidate without a score.
    public struct Failed: Sendable, Hashable {
        public let candidate: Candidate
        public let reason: String
    }

    public let group: CandidateGroup
    /// By descending logit; ties in input order.
    public let ranked: [Ranked]
    /// By descending logit; ties in input order.
    public let excluded: [Excluded]
    /// In input order.
    public let failed: [Failed]

    /// Ranks the candidates of a group.
    ///
    /// - Parameters:
    ///   - exclusion: Criteria for candidates that must not win.
    ///   - outcome: Returns the outcome of scoring a candidate of the group.
    public init(
        _ group: CandidateGroup, exclusion: CandidateExclusion = .init(),
        outcome: (Candidate) -> CandidateOutcome
    ) {
        self.group = group
        var scored: [(candidate: Candidate, score: CandidateScore)] = []
        var excluded: [(candidate: Candidate, score: CandidateScore, reason: String)] = []
        var failed: [Failed] = []
        for candidate in group.candidates {
            switch outcome(candidate) {
            case .scored(let score):
                if let reason = exclusion.reason(for: score) {
                    excluded.append((candidate, score, reason))
                } else {
                    scored.append((candidate, score))
                }
            case .excluded(let score, let reason):
                excluded.append((candidate, score, reason))
            case .failed(let reason): failed.append(Failed(candidate: candidate, reason: reason))
            }
        }
        let order = Self.order(scored.map(\.score))
        ranked = order.enumerated().map { offset, index in
            let (candidate, score) = scored[index]
            let next = offset + 1 < order.count ? scored[order[offset + 1]].score.logit : nil
            return Ranked(
                candidate: candidate, rank: offset + 1, score: score,
                margin: next.map { score.logit - $0 })
        }
        self.excluded = Self.order(excluded.map(\.score)).enumerated().map { offset, index in
            let (candidate, score, reason) = excluded[index]
            return Excluded(
                candidate: candidate, rank: order.count + offset + 1, score: score, reason: reason)
        }
        self.failed = failed
    }

    /// Indices of the scores by descending logit. Ties are broken explicitly, since Swift does not
    /// guarantee a stable sort.
    private static func order(_ scores: [CandidateScore]) -> [Int] {
        scores.indices.sorted {
            let (a, b) = (scores[$0].logit, scores[$1].logit)
            return a == b ? $0 < $1 : a > b
        }
    }

    /// Why the candidates cannot be compared with each other; nil if they can. A comparison needs two
    /// scores, one of them not excluded.
    public var comparisonFailure: String? {
        let scored = ranked.count + excluded.count
        guard scored < 2 || ranked.isEmpty else { return nil }
        let all = group.candidates.count
        let name = group.prompt.map { "prompt '\($0)'" } ?? "group '\(group.name)'"
        if scored >= 2 {
            let reasons = Set(excluded.map(\.reason)).sorted().joined(separator: ", ")
            return "\(name): none of \(all) candidates may win (\(reasons))"
        }
        return """
            \(name): \(scored) of \(all) candidate\(all == 1 ? "" : "s") \
            \(scored == 1 ? "has" : "have") a score; a comparison needs two
            """
    }
}
