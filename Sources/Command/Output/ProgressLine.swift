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
        /// Whether an item was done that did not fail: what fails at once says nothing of the others.
        var hasRate = false
        var start = ContinuousClock.now
        /// When the last item was done, in seconds since the start.
        var lastSeconds = 0.0
        var lastDrawn: ContinuousClock.Instant?
        var rate = ProgressRate(at: 0)

        func line(width: Int) -> String {
            var bar = bar
            // In steps of half a second, so that times do not change with every redrawing.
            let seconds = max(
                ((ContinuousClock.now - start) / .milliseconds(500)).rounded(.down) / 2, lastSeconds
            )
            bar.elapsedSeconds = seconds
            bar.idleSeconds = rate.idleSeconds(at: seconds)
            bar.rate = hasRate ? rate.perSecond(at: seconds) : nil
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
            state.hasRate = false
            state.lastSeconds = 0
            state.start = .now
            state.rate = ProgressRate(done: done, at: 0)
        }
        show()
    }

    /// Shows the count of a task, which begins with the first count, and again with a lower one.
    func show(
        _ label: String, unit: ProgressBar.Unit? = nil, done: Int, of total: Int, note: String = ""
    ) {
        let isNew = state.withLock {
            $0.bar.label != label || $0.bar.total != total || done < $0.bar.done
        }
        if isNew { begin(label, unit: unit, total: total, done: done) }
        set(done: done, note: note)
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
            if hasFailed { state.failed += 1 } else { state.hasRate = true }
            return state.bar.done + 1
        }
        draw(done: done, name: name)
    }

    /// Sets the count.
    ///
    /// - Parameter note: Details at the end of the line; empty for the number of failures.
    func set(done: Int, name: String = "", note: String = "") {
        state.withLock { $0.hasRate = true }
        draw(done: done, name: name, note: note)
    }

    private func draw(done: Int, name: String, note: String = "") {
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            state.bar.done = done
            state.bar.name = name
            state.bar.note = note
            state.lastSeconds = (now - state.start) / .seconds(1)
            state.rate.note(done: done, at: state.lastSeconds)
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
