import Foundation
import Rounds
import TextFormats

/// Reports the progress of rounds on standard error.
final class RoundsReport {
    private let isQuiet: Bool
    private let progress: ProgressLine
    private var step = ""

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
        progress = ProgressLine(isQuiet: isQuiet)
    }

    func show(_ event: RoundsEvent) {
        switch event {
        case .resumed(let done):
            if !isQuiet {
                Terminal.printMessage("ganrm: goes on after \(done) steps that are done")
            }
        case .began(let name):
            if !isQuiet { Terminal.printMessage("ganrm: \(name)") }
            step = name
            progress.begin(name, total: nil)
        case .warning(let sentence):
            Terminal.printMessage("ganrm: warning: \(sentence)")
        case .encoded(let done, let total):
            progress.show(step, unit: .items("input"), done: done, of: total)
        case .trained(let done, let total, let loss):
            progress.show(
                step, unit: .items("step"), done: done, of: total,
                note: String(format: "loss %.4f", loss))
        }
    }

    func clear() { progress.clear() }
}
