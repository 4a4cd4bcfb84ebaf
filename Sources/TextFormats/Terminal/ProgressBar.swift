import Foundation

/// One line that shows how far a task is: label, share, bar, count, rate, time left and a name.
package struct ProgressBar: Sendable, Hashable {
    /// What is counted.
    package enum Unit: Sendable, Hashable {
        /// The word for one item, as `input`.
        case items(String)
        case bytes
    }

    /// How the line is drawn.
    package struct Style: Sendable, Hashable {
        /// Whether the bar has colours.
        package var isColored: Bool
        /// Whether the bar has characters outside ASCII, each one column wide.
        package var isUnicode: Bool

        package init(isColored: Bool = false, isUnicode: Bool = false) {
            self.isColored = isColored
            self.isUnicode = isUnicode
        }
    }

    /// What is done, as `proxy`; may be empty.
    package var label = ""
    package var unit = Unit.items("input")
    package var done = 0
    /// Nil if it is unknown.
    package var total: Int?
    /// Items or bytes per second; nil while it is unknown.
    package var rate: Double?
    /// Seconds since the first one began.
    package var elapsedSeconds = 0.0
    /// Seconds since `done` changed, by which the time left is less.
    package var idleSeconds = 0.0
    /// Details such as `2 failed`; may be empty.
    package var note = ""
    /// The last item, as a path; may be empty. The first part that a narrow terminal leaves out.
    package var name = ""

    package init() {}

    private static let barWidths = 10...30
    private static let leastNameWidth = 12

    /// The line, at most `width` columns wide.
    package func line(width: Int, style: Style = .init()) -> String {
        let label = DisplayText.line(label).shortened(toWidth: 28)
        let share = fraction.map { String(format: "%3d%%", Int(100 * $0)) } ?? ""
        var left = [label, share].filter { !$0.isEmpty }
        var right = [count, rateText, time, DisplayText.line(note)].filter { !$0.isEmpty }
        func columns(_ parts: [String]) -> Int {
            parts.reduce(0) { $0 + $1.displayWidth + 2 }
        }
        // The bar matters more than the rate.
        if fraction != nil, width - columns(left + right) < Self.barWidths.lowerBound,
            width - columns(left + right.filter { $0 != rateText }) >= Self.barWidths.lowerBound
        {
            right.removeAll { $0 == rateText }
        }
        // Parts that do not fit are left out, the least important first.
        for part in [rateText, share, label] where columns(left + right) > width + 2 {
            left.removeAll { $0 == part }
            right.removeAll { $0 == part }
        }
        let room = width - columns(left + right)
        var middle: [String] = []
        if let fraction, room >= Self.barWidths.lowerBound {
            let barWidth = min(room, Self.barWidths.upperBound)
            middle = [Self.bar(fraction, width: barWidth, style: style)]
            let nameRoom = room - barWidth - 2
            if nameRoom >= Self.leastNameWidth, !name.isEmpty {
                right.append(DisplayText.line(name).shortened(toWidth: nameRoom))
            }
        } else if fraction == nil, room >= Self.leastNameWidth, !name.isEmpty {
            right.append(DisplayText.line(name).shortened(toWidth: room))
        }
        let parts = left + middle + right
        return middle.isEmpty
            ? parts.joined(separator: "  ").shortened(toWidth: width)
            : parts.joined(separator: "  ")
    }

    /// Share that is done, 0…1; nil if the total is unknown.
    private var fraction: Double? {
        guard let total, total > 0 else { return nil }
        return min(Double(done) / Double(total), 1)
    }

    private var count: String {
        switch unit {
        case .items:
            // The bar before the count keeps its place.
            total.map { total in
                let done = String(done)
                let padding = max(String(total).count - done.count, 0)
                return String(repeating: " ", count: padding) + done + "/\(total)"
            } ?? (done > 0 ? "\(done)" : "")
        case .bytes:
            total.map { "\(Bytes.describe(done)) of \(Bytes.describe($0))" } ?? Bytes.describe(done)
        }
    }

    private var rateText: String { rate.map { Self.rate($0, of: unit) } ?? "" }

    /// A rate: per second, or for less than one item a second the time of one.
    package static func rate(_ rate: Double, of unit: Unit) -> String {
        guard rate > 0, rate.isFinite else { return "" }
        switch unit {
        case .items(let word):
            return rate < 1
                ? "\(short(1 / rate)) s/\(word)" : "\(short(rate)) \(word)s/s"
        case .bytes: return "\(Bytes.describe(Int(rate)))/s"
        }
    }

    /// Three digits at most, unless the number is above 999.
    private static func short(_ value: Double) -> String {
        String(format: "%.\(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)f", value)
    }

    private var time: String {
        guard let total, let rate, rate > 0 else { return Self.clock(elapsedSeconds) }
        let left = Double(max(total - done, 0)) / rate - idleSeconds
        return "\(Self.clock(max(left, 0))) left"
    }

    /// Seconds as `4:32` or `1:04:32`, rounded up.
    package static func clock(_ seconds: Double) -> String {
        guard seconds < 1e9 else { return "?" }
        let seconds = Int(seconds.rounded(.up))
        return seconds >= 3600
            ? String(format: "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
            : String(format: "%d:%02d", seconds / 60, seconds % 60)
    }

    private static func bar(_ fraction: Double, width: Int, style: Style) -> String {
        guard style.isUnicode, style.isColored else {
            let inner = width - 2
            let full = Int(fraction * Double(inner))
            let tip = full < inner ? ">" : ""
            return "[" + String(repeating: "=", count: full) + tip
                + String(repeating: " ", count: max(inner - full - 1, 0)) + "]"
        }
        let full = Int(fraction * Double(width))
        return "\u{1b}[32m" + String(repeating: "━", count: full) + "\u{1b}[39;2m"
            + String(repeating: "━", count: width - full) + "\u{1b}[0m"
    }
}
