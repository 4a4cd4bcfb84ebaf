public import Frames
public import JSON
import Foundation

/// The score of a whole input, in as few words as an evaluation needs.
public struct ScoredInput: Sendable, Hashable {
    /// As the row names it.
    public let input: String
    public let logit: Double
    /// How far the heads of an ensemble disagree, as a standard deviation of logits; nil for one head.
    public let logitSpread: Double?
    /// σ of it is the `probability` of the row; nil where the head has no calibration.
    public let calibratedLogit: Double?
    /// How unfamiliar it is to the head, a percentile; nil where the head cannot tell.
    public let unfamiliar: Double?
    /// Why it shows nothing; nil if it shows something.
    public let degeneracy: Degeneracy?

    /// From a row of `ganrm score`; nil if it holds no score.
    public init?(row: JSONValue) {
        guard let input = row["input"]?.stringValue, let logit = row["logit"]?.doubleValue,
            logit.isFinite
        else { return nil }
        self.input = input
        self.logit = logit
        logitSpread = row["logit_spread"]?.doubleValue
        unfamiliar = row["unfamiliar"]?.doubleValue
        degeneracy = row["degenerate"]?.stringValue.flatMap(Degeneracy.init)
        calibratedLogit = row["probability"]?.doubleValue.map { probability in
            // Rows are rounded to single precision: 0 and 1 stand for what is nearer than 2⁻²⁵.
            let nearest = min(max(probability, 0x1p-25), 1 - 0x1p-25)
            return log(nearest) - log1p(-nearest)
        }
    }
}
