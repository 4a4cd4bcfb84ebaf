import Reward

/// What a reward model thinks of a candidate.
public struct CandidateScore: Sendable, Hashable {
    /// z1 − z0, proxy minus generated; finite. Candidates are ranked by it, since it does not saturate.
    public let logit: Double
    /// How far the heads of an ensemble disagree, as a standard deviation of logits; nil for one head.
    public let logitSpread: Double?

    /// Nil if the logit is not finite: such a score wins nothing and loses nothing.
    public init?(logit: Double, logitSpread: Double? = nil) {
        guard logit.isFinite else { return nil }
        self.logit = logit
        self.logitSpread = logitSpread
    }

    /// σ(logit), in 0…1.
    public var value: Double { Score(logit: logit).value }
}

/// What became of a candidate.
public enum CandidateOutcome: Sendable, Hashable {
    case scored(CandidateScore)
    /// One sentence.
    case failed(String)
}
