import Foundation
public import Reward
import Statistics

extension Evaluation: CustomStringConvertible {
    public var description: String { summary(intervals: nil) }

    /// The metrics as text, with their 95 % confidence intervals where known.
    public func summary(intervals: EvaluationIntervals?) -> String {
        func estimate(_ value: Double?, _ interval: ConfidenceInterval?) -> String {
            guard let value else { return "-" }
            let text = String(format: "%.3f", value)
            return interval.map { text + String(format: " (%.3f to %.3f)", $0.low, $0.high) }
                ?? text
        }
        return "AUC \(estimate(auc, intervals?.auc)), "
            + "accuracy \(estimate(accuracy, intervals?.accuracy)), "
            + "log loss \(estimate(loss, intervals?.loss)) (\(count) samples)"
    }
}
