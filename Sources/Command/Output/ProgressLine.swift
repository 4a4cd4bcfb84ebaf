import Foundation
import Pipeline

/// Shows inputs done, their rate and the time left, in place on a terminal; silent elsewhere.
struct ProgressLine {
    private var total: Int?
    private let isVisible: Bool
    private var start = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant?
    private var done = 0

    /// - Parameter total: Number of inputs; nil if it is unknown.
    init(total: Int? = nil, isQuiet: Bool) {
        self.total = total
        isVisible = !isQuiet && Terminal.isInteractive
    }

    /// Starts again with the first input.
    mutating func begin(total: Int?) {
        self.total = total
        start = .now
        done = 0
    }

    mutating func show(_ event: InputEvent) {
        switch event {
        case .began(let total): begin(total: total)
        case .ended: advance()
        }
    }

    mutating func advance() {
        done += 1
        guard isVisible else { return }
        let now = ContinuousClock.now
        if let lastShown, now - lastShown < .milliseconds(100), done != total { return }
        lastShown = now
        let seconds = (now - start) / .seconds(1)
        let rate = Double(done) / max(seconds, 1e-3)
        var line = "\(done)" + (total.map { "/\($0)" } ?? "")
        line += String(format: "  %.2f inputs/s", rate)
        if let total {
            line += "  \(Self.clock(Double(total - done) / rate)) left"
        }
        Terminal.show(line)
    }

    /// Clears the line before a message or a result is printed.
    func clear() {
        if isVisible { Terminal.clear() }
    }

    private static func clock(_ seconds: Double) -> String {
        let seconds = Int(seconds.rounded(.up))
        return seconds >= 3600
            ? String(format: "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
            : String(format: "%d:%02d", seconds / 60, seconds % 60)
    }
}
