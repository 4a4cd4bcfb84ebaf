import Foundation
public import Reward

extension Evaluation: CustomStringConvertible {
    public var description: String { words(intervals: nil) }

    /// The figures in words, with their 95 % intervals where these are known.
    public func words(intervals: EvaluationIntervals?) -> String {
        func figure(_ value: Double?, _ interval: ConfidenceInterval?) -> String {
            guard let value else { return "-" }
            let text = String(format: "%.3f", value)
            return interval.map { text + String(format: " (%.3f to %.3f)", $0.low, $0.high) }
                ?? text
        }
        return "AUC \(figure(auc, intervals?.auc)), "
            + "accuracy \(figure(accuracy, intervals?.accuracy)), "
            + "log loss \(figure(loss, intervals?.loss)) (\(count) samples)"
    }
}
