import Foundation

extension RoundMetrics {
    /// Column headers of `tableLine`.
    ///
    /// - Parameter metrics: The metrics that are measured beside the reward.
    public static func tableHeader(metrics: [String] = []) -> String {
        """
                                                             score   score   wins   wins
        round  cand. failed degen. unfam.  pairs   frechet   first  newest  first newest
        """ + metrics.map { "  " + padded($0, metricWidth(of: $0)) }.joined()
    }

    /// Width of a metric's column.
    private static func metricWidth(of name: String) -> Int { max(name.count, 9) }

    /// The metrics as a table row; `-` marks a missing value.
    public var tableLine: String {
        func text(_ value: Double?, _ width: Int, digits: Int) -> String {
            Self.padded(value.map { String(format: "%.\(digits)f", $0) } ?? "-", width)
        }
        return [
            Self.padded(String(round), 5), Self.padded(String(candidates), 7),
            Self.padded(String(failed), 7), text(100 * degenerate, 7, digits: 1),
            text(100 * unfamiliarFirst, 7, digits: 1),
            Self.padded(pairs.map(String.init) ?? "-", 7),
            text(frechet, 10, digits: 3), text(scoreFirst, 8, digits: 4),
            text(scoreNewest, 8, digits: 4), text(winsFirst, 7, digits: 3),
            text(winsNewest, 7, digits: 3),
        ].joined()
            + measured.map { metric in
                "  " + text(metric.value, Self.metricWidth(of: metric.name), digits: 4)
            }.joined()
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
