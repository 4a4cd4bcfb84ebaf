import GANRM

/// Counts what was answered and says so at the end, by message and exit status.
struct Tally {
    private(set) var done: Int
    private(set) var failed: Int
    var progress: Progress
    private let isQuiet: Bool

    /// - Parameter isQuiet: Leaves out the sentences about single inputs.
    init(done: Int = 0, failed: Int = 0, progress: Progress, isQuiet: Bool = false) {
        self.done = done
        self.failed = failed
        self.progress = progress
        self.isQuiet = isQuiet
    }

    /// Says something about an input that is no failure.
    func notice(_ sentence: String) {
        guard !isQuiet else { return }
        progress.clear()
        Terminal.complain("ganrm: \(sentence)")
    }

    /// Counts an input, with the sentence that says why it failed, if it did.
    mutating func count(failure: String?) {
        done += 1
        if let failure {
            failed += 1
            if !isQuiet {
                progress.clear()
                Terminal.complain("ganrm: \(failure)")
            }
        }
        progress.advance()
    }

    /// - Throws: The `ExitStatus` unless all went well.
    func finish(interruption: Interruption) throws {
        progress.clear()
        if interruption.isRequested {
            Terminal.complain("ganrm: interrupted after \(done) inputs")
            throw ExitStatus.interrupted
        }
        guard failed > 0 else { return }
        throw failed == done ? ExitStatus.nothingDone : ExitStatus.someInputsFailed
    }
}
