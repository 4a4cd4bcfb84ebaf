import Pipeline
import Scoring

/// Counts finished and failed inputs, and reports them by messages, a closing line and the exit
/// status.
struct Tally {
    private(set) var done: Int
    private(set) var failed: Int
    let progress: ProgressLine
    var summary: RunSummary
    private let resumed: Int
    private let isQuiet: Bool
    private let showsFailures: Bool

    /// - Parameters:
    ///   - verb: What happened to an input, as `scored`; in the closing line.
    ///   - done: Inputs that an earlier run has done.
    ///   - failed: Inputs that failed in an earlier run.
    ///   - isQuiet: Suppresses messages about single inputs.
    ///   - showsFailures: Whether there are messages for failed inputs; not if their rows are shown on
    ///     the same terminal.
    init(
        _ verb: String, done: Int = 0, failed: Int = 0, progress: ProgressLine,
        isQuiet: Bool = false, showsFailures: Bool = true
    ) {
        self.showsFailures = showsFailures
        self.done = done
        self.failed = failed
        self.progress = progress
        self.isQuiet = isQuiet
        resumed = done
        summary = RunSummary(verb)
    }

    /// - Parameter label: What the inputs are, as the side of a training.
    mutating func show(_ event: InputEvent, label: String? = nil) {
        switch event {
        case .began(let total): progress.begin(label, total: total)
        case .ended(let request, let failure): count(failure: failure, name: request.input)
        }
    }

    /// Prints a notice about an input that did not fail.
    func notice(_ sentence: String) {
        guard !isQuiet else { return }
        Terminal.printMessage("ganrm: \(sentence)")
    }

    /// Counts an input.
    ///
    /// - Parameter failure: One sentence that says why it failed; nil if it did not.
    mutating func count(failure: String?, name: String = "") {
        done += 1
        if let failure {
            failed += 1
            if !isQuiet && showsFailures {
                Terminal.printMessage("ganrm: \(failure)", isError: true)
            }
        }
        progress.advance(name: name, hasFailed: failure != nil)
    }

    /// Whether an interruption left inputs out. It ends live inputs, whose number is unknown.
    ///
    /// - Parameter total: The number of all inputs; nil if it is unknown.
    func isCutShort(by interruption: Interruption, of total: Int?) -> Bool {
        interruption.isRequested && (total.map { done < $0 } ?? true)
    }

    /// Ends the progress line and prints the closing line.
    func printSummary() {
        progress.clear()
        summary.print(done: done, failed: failed, resumed: resumed, after: progress)
    }

    /// Prints the closing line, and reports an interruption.
    ///
    /// - Parameter remedy: How to go on after an interruption, as the rest of a sentence.
    /// - Throws: `ExitStatus` if the run was interrupted or an input failed.
    func finish(interruption: Interruption, remedy: String? = nil) throws {
        printSummary()
        if interruption.isRequested {
            Terminal.printMessage(
                "ganrm: interrupted after \(done) inputs" + (remedy.map { "; \($0)" } ?? ""))
            throw ExitStatus.interrupted
        }
        try checkFailures()
    }

    /// - Throws: `ExitStatus` if an input failed.
    func checkFailures() throws {
        guard failed > 0 else { return }
        throw failed == done ? ExitStatus.nothingDone : ExitStatus.someInputsFailed
    }
}
