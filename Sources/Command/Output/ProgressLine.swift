import Foundation
import Pipeline
import Synchronization
import TextFormats

/// Shows inputs done, their rate and the time left in the status line of a terminal; silent
/// elsewhere.
final class ProgressLine: Sendable {
    private struct State {
        var bar = ProgressBar()
        var failed = 0
        var start = ContinuousClock.now
        var lastChange = ContinuousClock.now
        var lastDrawn: ContinuousClock.Instant?
        var rate = ProgressRate(at: 0)

        func line(width: Int) -> String {
            var bar = bar
            let now = ContinuousClock.now
            bar.elapsedSeconds = (now - start) / .seconds(1)
            bar.idleSeconds = (now - lastChange) / .seconds(1)
            bar.rate = rate.perSecond(at: bar.elapsedSeconds)
            if bar.note.isEmpty, failed > 0 { bar.note = "\(failed) failed" }
            return bar.line(width: width, style: Terminal.barStyle)
        }
    }

    private let state: Mutex<State>
    /// Whether there is a terminal that shows it.
    let isVisible: Bool

    /// - Parameters:
    ///   - label: What is done; may be empty.
    ///   - unit: What is counted.
    ///   - done: Inputs that an earlier run has done.
    ///   - total: Number of inputs; nil if it is unknown.
    init(
        _ label: String = "", unit: ProgressBar.Unit = .items("input"), done: Int = 0,
        total: Int? = nil, isQuiet: Bool
    ) {
        var state = State()
        state.bar.label = label
        state.bar.unit = unit
        state.bar.total = total
        state.bar.done = done
        state.rate = ProgressRate(done: done, at: 0)
        self.state = Mutex(state)
        isVisible = !isQuiet && Terminal.canRewriteLines
    }

    /// Starts again with the first input.
    ///
    /// - Parameters:
    ///   - label: Nil keeps the label.
    ///   - unit: Nil keeps the unit.
    ///   - done: What an earlier run has done.
    func begin(
        _ label: String? = nil, unit: ProgressBar.Unit? = nil, total: Int?, done: Int = 0
    ) {
        state.withLock { state in
            state.bar.label = label ?? state.bar.label
            state.bar.unit = unit ?? state.bar.unit
            state.bar.note = ""
            state.bar.total = total
            state.bar.done = done
            state.bar.name = ""
            state.failed = 0
            state.start = .now
            state.lastChange = .now
            state.rate = ProgressRate(done: done, at: 0)
        }
        show()
    }

    func show(_ event: InputEvent) {
        switch event {
        case .began(let total): begin(total: total)
        case .ended(let request, let failure):
            advance(name: request.input, hasFailed: failure != nil)
        }
    }

    /// Counts an input that is done.
    func advance(name: String = "", hasFailed: Bool = false) {
        let done = state.withLock { state in
            if hasFailed { state.failed += 1 }
            return state.bar.done + 1
        }
        set(done: done, name: name)
    }

    /// Sets the count.
    ///
    /// - Parameter note: Details at the end of the line; empty for the number of failures.
    func set(done: Int, name: String = "", note: String = "") {
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            state.bar.done = done
            state.bar.name = name
            state.bar.note = note
            state.lastChange = now
            state.rate.note(done: done, at: (now - state.start) / .seconds(1))
            if let last = state.lastDrawn, now - last < .milliseconds(100),
                done != state.bar.total
            {
                return false
            }
            state.lastDrawn = now
            return true
        }
        if isDue { show() }
    }

    /// Shows the line until `clear`.
    func show() {
        guard isVisible else { return }
        Terminal.showStatus { [self] width in state.withLock { $0.line(width: width) } }
    }

    func clear() {
        if isVisible { Terminal.clearStatus() }
    }
}
