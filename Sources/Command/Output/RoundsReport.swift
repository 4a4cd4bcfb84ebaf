import Foundation
import Rounds

/// Reports the progress of rounds on standard error.
struct RoundsReport {
    private let isQuiet: Bool

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    private var isRewritten: Bool { !isQuiet && Terminal.isInteractive }

    func show(_ event: RoundsEvent) {
        switch event {
        case .resumed(let done):
            if !isQuiet { printLine("ganrm: goes on after \(done) steps that are done") }
        case .began(let name):
            if !isQuiet { printLine("ganrm: \(name)") }
        case .warning(let sentence):
            printLine("ganrm: warning: \(sentence)")
        case .encoded(let done, let total):
            if isRewritten { Terminal.show("\(done)/\(total) encoded") }
        case .trained(let step, let total, let loss):
            guard isRewritten && step % 50 == 0 else { return }
            Terminal.show(String(format: "step %d/%d  loss %.4f", step, total, loss))
        }
    }

    func clear() {
        if isRewritten { Terminal.clear() }
    }

    private func printLine(_ line: String) {
        clear()
        Terminal.printMessage(line)
    }
}
