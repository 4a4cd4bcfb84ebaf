import Foundation
import Pipeline
import Scoring
import TextFormats

/// The closing line of a run: counts, scores and time.
///
/// It is for people, so it is printed on a terminal only.
struct RunSummary {
    /// What happened to an input, as `scored`.
    private let verb: String
    private let start = ContinuousClock.now
    private var scoreCount = 0
    private var scoreSum = 0.0
    private var best: (score: Double, input: String)?

    init(_ verb: String) { self.verb = verb }

    /// Adds a score.
    mutating func add(score: Double, input: String) {
        scoreCount += 1
        scoreSum += score
        if score > best?.score ?? -1 { best = (score, input) }
    }

    mutating func add(_ row: ScoreRow) {
        if let score = row.score { add(score: score, input: row.input ?? "") }
    }

    /// Prints the line.
    ///
    /// - Parameters:
    ///   - done: Inputs that are done, failures and those of earlier runs included.
    ///   - resumed: Inputs that an earlier run had done.
    ///   - progress: Prints only if it is visible.
    func print(done: Int, failed: Int, resumed: Int = 0, after progress: ProgressLine) {
        guard progress.isVisible, done > 0 else { return }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let new = done - resumed
        var counts = ["\(done - failed) \(verb)"]
        if failed > 0 { counts.append("\(failed) failed") }
        if resumed > 0 { counts.append("\(resumed) of them by an earlier run") }
        var text = "ganrm: \(counts.joined(separator: ", ")); \(ProgressBar.clock(seconds))"
        if new > 0 {
            text += ", \(ProgressBar.rate(Double(new) / max(seconds, 1e-3), of: .items("input")))"
        }
        if let best {
            text += String(format: "; mean score %.4f, ", scoreSum / Double(scoreCount))
            text += String(format: "best %.4f: ", best.score) + DisplayText.line(best.input)
        }
        Terminal.printMessage(text)
    }
}
