import Foundation
import Rounds
import TextFormats

/// Reports the progress of rounds on standard error.
final class RoundsReport {
    private let isQuiet: Bool
    private let progress: ProgressLine
    /// The unit and total that the line shows.
    private var shown: (name: String, total: Int)?
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
            shown = nil
            progress.begin(name, total: nil)
        case .warning(let sentence):
            Terminal.printMessage("ganrm: warning: \(sentence)")
        case .encoded(let done, let total):
            begin("input", total: total)
            progress.set(done: done)
        case .trained(let step, let total, let loss):
            begin("step", total: total)
            progress.set(done: step, note: String(format: "loss %.4f", loss))
        }
    }

    private func begin(_ unit: String, total: Int) {
        guard shown?.name != unit || shown?.total != total else { return }
        shown = (unit, total)
        progress.begin(step, unit: .items(unit), total: total)
    }

    func clear() { progress.clear() }
}
