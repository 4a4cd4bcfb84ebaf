/// A prompt's candidates, best first.
///
/// Source: arXiv 2506.13846, section 3.2: candidates of a prompt are sorted by the reward model's score.
public struct RankedGroup: Sendable, Hashable {
    /// A candidate with a score, in its place.
    public struct Ranked: Sendable, Hashable {
        public let candidate: Candidate
        /// From 1.
        public let rank: Int
        public let score: CandidateScore
        /// Its logit minus the next one's, at least 0; nil for the last. σ of it is the probability, after
        /// Bradley and Terry, that this candidate is preferred to the next.
        public let margin: Double?
    }

    /// A candidate without a score.
    public struct Failed: Sendable, Hashable {
        public let candidate: Candidate
        public let reason: String
    }

    public let group: CandidateGroup
    /// By descending logit; equal ones in input order.
    public let ranked: [Ranked]
    /// In input order.
    public let failed: [Failed]

    /// - Parameter outcome: What became of a candidate of the group.
    public init(_ group: CandidateGroup, outcome: (Candidate) -> CandidateOutcome) {
        self.group = group
        var scored: [(candidate: Candidate, score: CandidateScore)] = []
        var failed: [Failed] = []
        for candidate in group.candidates {
            switch outcome(candidate) {
            case .scored(let score): scored.append((candidate, score))
            case .failed(let reason): failed.append(Failed(candidate: candidate, reason: reason))
            }
        }
        // Swift's sort keeps the order of equal elements, but does not promise it.
        let order = scored.indices.sorted {
            let (a, b) = (scored[$0].score.logit, scored[$1].score.logit)
            return a == b ? $0 < $1 : a > b
        }
        ranked = order.enumerated().map { place, index in
            let (candidate, score) = scored[index]
            let next = place + 1 < order.count ? scored[order[place + 1]].score.logit : nil
            return Ranked(
                candidate: candidate, rank: place + 1, score: score,
                margin: next.map { score.logit - $0 })
        }
        self.failed = failed
    }

    /// Why its candidates cannot be compared with each other; nil if they can.
    public var shortfall: String? {
        guard ranked.count < 2 else { return nil }
        let all = group.candidates.count
        return """
            \(group.prompt.map { "prompt '\($0)'" } ?? "group '\(group.name)'"): \
            \(ranked.count) of \(all) candidate\(all == 1 ? "" : "s") \
            \(ranked.count == 1 ? "has" : "have") a score; a comparison needs two
            """
    }
}
