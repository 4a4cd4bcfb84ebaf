import Foundation
public import Frames
import Reward
public import Scoring
import TextFormats

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

    /// Reads a row of `ganrm score`; nil if it holds no score, a number beyond `Score.logitLimit`, or
    /// something else in place of a number: a candidate whose `unfamiliar` is unknown could win.
    public init?(row: ScoreRow) {
        let numbers: [(key: ScoreRow.Key, number: Double?)] = [
            (.logit, row.logit), (.score, row.score), (.logitSpread, row.logitSpread),
            (.probability, row.probability), (.unfamiliar, row.unfamiliar),
        ]
        guard let input = row.input, let logit = row.logit,
            numbers.allSatisfy({ key, number in
                number.map(Score.isWithinLimit) ?? (row[key] ?? .null == .null)
            })
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
