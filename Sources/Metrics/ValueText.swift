import Foundation
import Statistics

/// Values in tables for people.
enum ValueText {
    static func number(_ value: Double?) -> String {
        value.map { String(format: "%.4f", $0) } ?? "-"
    }

    static func interval(_ interval: ConfidenceInterval?) -> String {
        interval.map { "\(number($0.low)) … \(number($0.high))" } ?? "-"
    }
}
