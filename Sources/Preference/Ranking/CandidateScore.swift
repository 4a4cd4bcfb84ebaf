public import Frames
import Reward

/// What a reward model thinks of a candidate.
public struct CandidateScore: Sendable, Hashable {
    /// z1 − z0, proxy minus generated; finite. Candidates are ranked by it, since it does not saturate.
    public let logit: Double
    /// How far the heads of an ensemble disagree, as a standard deviation of logits; nil for one head.
    public let logitSpread: Double?
    /// How unfamiliar the candidate is to the head, a percentile; nil where the head cannot tell.
    public let unfamiliar: Double?
    /// Why the candidate shows nothing; nil if it shows something.
    public let degeneracy: Degeneracy?

    /// Nil if the logit is not finite: such a score wins nothing and loses nothing.
    public init?(
        logit: Double, logitSpread: Double? = nil, unfamiliar: Double? = nil,
        degeneracy: Degeneracy? = nil
    ) {
        guard logit.isFinite else { return nil }
        self.unfamiliar = unfamiliar
        self.degeneracy = degeneracy
        self.logit = logit
        self.logitSpread = logitSpread
    }

    /// σ(logit), in 0…1.
    public var value: Double { Score(logit: logit).value }
}

/// What became of a candidate.
public enum CandidateOutcome: Sendable, Hashable {
    case scored(CandidateScore)
    /// Scored, but it must not win, for a reason in a few words.
    case excluded(CandidateScore, reason: String)
    /// One sentence.
    case failed(String)
}
