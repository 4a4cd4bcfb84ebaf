public import Frames
import Reward

/// A reward model's result for a candidate.
public struct CandidateScore: Sendable, Hashable {
    /// z1 − z0, proxy minus generated; finite. Used for ranking, since it does not saturate.
    public let logit: Double
    /// σ(logit), in 0…1.
    public let value: Double
    /// Standard deviation of the logits of an ensemble's heads; nil for a single head.
    public let logitSpread: Double?
    /// Unfamiliarity of the candidate to the head, a percentile; nil if the head cannot estimate it.
    public let unfamiliar: Double?
    /// Why the candidate is degenerate; nil if it is not.
    public let degeneracy: Degeneracy?

    /// Nil if the logit is not finite or beyond `Score.logitLimit`, since such a score cannot be
    /// ranked.
    ///
    /// - Parameter value: σ(logit) as it was written in a row, where both are rounded; nil computes it.
    public init?(
        logit: Double, value: Double? = nil, logitSpread: Double? = nil, unfamiliar: Double? = nil,
        degeneracy: Degeneracy? = nil
    ) {
        guard Score.isWithinLimit(logit) else { return nil }
        self.unfamiliar = unfamiliar
        self.degeneracy = degeneracy
        self.logit = logit
        self.value = value ?? Score(logit: logit).value
        self.logitSpread = logitSpread
    }
}

/// The outcome of scoring a candidate.
public enum CandidateOutcome: Sendable, Hashable {
    case scored(CandidateScore)
    /// Scored, but must not win; `reason` is a few words.
    case excluded(CandidateScore, reason: String)
    /// Not scored; the reason is one sentence.
    case failed(String)
}
