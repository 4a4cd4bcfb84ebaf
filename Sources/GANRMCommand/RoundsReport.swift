import Foundation
import Rounds

/// Says on standard error how rounds go.
struct RoundsReport {
    private let isQuiet: Bool

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    private var isRewritten: Bool { !isQuiet && Terminal.isInteractive }

    func show(_ event: RoundsEvent) {
        switch event {
        case .resumed(let done):
            if !isQuiet { say("ganrm: goes on after \(done) steps that are done") }
        case .began(let name):
            if !isQuiet { say("ganrm: \(name)") }
        case .warning(let sentence):
            say("ganrm: warning: \(sentence)")
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

    private func say(_ line: String) {
        clear()
        Terminal.complain(line)
    }
}
