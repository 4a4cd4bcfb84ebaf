import Foundation
public import Frames
import Reward
public import Scoring

/// The score of one input: the fields of a row that an evaluation uses.
public struct ScoredInput: Sendable, Hashable {
    /// The input's path or URL, as in the row.
    public let input: String
    /// σ(logit), in 0…1, as in the row.
    public let score: Double
    public let logit: Double
    /// Standard deviation of the logits over an ensemble's heads; nil for a single head.
    public let logitSpread: Double?
    /// The calibrated logit, whose σ is the row's `probability`; nil if the head is not calibrated.
    public let calibratedLogit: Double?
    /// Percentile of unfamiliarity, 0…100; nil if the reward model has no familiarity part.
    public let unfamiliar: Double?
    /// The kind of degenerate content; nil if the input is not degenerate.
    public let degeneracy: Degeneracy?

    /// Reads a row of `ganrm score`; nil if it holds no score, or a number beyond
    /// `Score.logitLimit`.
    public init?(row: ScoreRow) {
        let numbers = [row.logit, row.score, row.logitSpread, row.probability, row.unfamiliar]
        guard let input = row.input, let logit = row.logit,
            numbers.allSatisfy({ $0.map(Score.isWithinLimit) ?? true })
        else { return nil }
        self.input = input
        self.logit = logit
        score = row.score ?? Score(logit: logit).value
        logitSpread = row.logitSpread
        unfamiliar = row.unfamiliar
        degeneracy = row.degeneracy
        calibratedLogit = row.probability.map { probability in
            // Rows are rounded to single precision: 0 and 1 mean closer than 2⁻²⁵, not infinite
            // logits.
            let clamped = min(max(probability, 0x1p-25), 1 - 0x1p-25)
            return log(clamped) - log1p(-clamped)
        }
    }
}
