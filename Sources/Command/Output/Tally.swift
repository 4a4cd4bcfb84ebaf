import Pipeline

/// Counts finished and failed inputs, and reports them by message and exit status.
struct Tally {
    private(set) var done: Int
    private(set) var failed: Int
    var progress: ProgressLine
    private let isQuiet: Bool
    private let showsFailures: Bool

    /// - Parameters:
    ///   - isQuiet: Suppresses messages about single inputs.
    ///   - showsFailures: Whether there are messages for failed inputs; not if their rows are shown on
    ///     the same terminal.
    init(
        done: Int = 0, failed: Int = 0, progress: ProgressLine, isQuiet: Bool = false,
        showsFailures: Bool = true
    ) {
        self.showsFailures = showsFailures
        self.done = done
        self.failed = failed
        self.progress = progress
        self.isQuiet = isQuiet
    }

    mutating func show(_ event: InputEvent) {
        switch event {
        case .began(let total): progress.begin(total: total)
        case .ended(_, let failure): count(failure: failure)
        }
    }

    /// Prints a notice about an input that did not fail.
    func notice(_ sentence: String) {
        guard !isQuiet else { return }
        progress.clear()
        Terminal.printMessage("ganrm: \(sentence)")
    }

    /// Counts an input.
    ///
    /// - Parameter failure: One sentence that says why it failed; nil if it did not.
    mutating func count(failure: String?) {
        done += 1
        if let failure {
            failed += 1
            if !isQuiet && showsFailures {
                progress.clear()
                Terminal.printMessage("ganrm: \(failure)")
            }
        }
        progress.advance()
    }

    /// Reports an interruption.
    ///
    /// - Throws: `ExitStatus` if the run was interrupted or an input failed.
    func finish(interruption: Interruption) throws {
        progress.clear()
        if interruption.isRequested {
            Terminal.printMessage("ganrm: interrupted after \(done) inputs")
            throw ExitStatus.interrupted
        }
        guard failed > 0 else { return }
        throw failed == done ? ExitStatus.nothingDone : ExitStatus.someInputsFailed
    }
}
