import Dispatch
import Files
import Foundation
import Media
import Pipeline
import Synchronization

/// Turns the first SIGINT (Ctrl-C) or SIGTERM into an interruption request. A second one of either
/// ends the process at once.
///
/// Rows are written with one system call each, so that an output file has whole rows even then.
final class SignalHandling {
    private var sources: [any DispatchSourceSignal] = []
    /// What the next signal means, which ends the process.
    private let farewell = Farewell()

    init(_ interruption: Interruption) {
        let count = SignalCount()
        handleSignals { [farewell] in
            if let message = farewell.message.withLock(\.self) {
                Terminal.clearStatusIfPossible()
                Terminal.printMessage("ganrm: \(message)")
                Self.leave()
            }
            // Not by the interruption, which the first signal requests a moment later.
            if count.increment() > 1 { Self.leave() }
            Terminal.printMessage(
                "ganrm: stopping after this batch; press Ctrl-C again to stop at once")
            interruption.request()
            // Wakes a reader that waits for data.
            MediaInterruption.request()
        }
    }

    /// Ends the process at the first signal, for work that has no batches.
    ///
    /// - Parameter message: What the interruption means.
    init(leavingWith message: String) {
        handleSignals {
            Terminal.clearStatusIfPossible()
            Terminal.printMessage("ganrm: \(message)")
            Self.leave()
        }
    }

    /// Lets the next signal end the process, for work without batches at the end of a run.
    ///
    /// - Parameter message: What the interruption means.
    func leaveNext(with message: String) {
        farewell.message.withLock { $0 = message }
    }

    private final class Farewell: Sendable {
        let message = Mutex<String?>(nil)
    }

    private func handleSignals(_ handler: @escaping @Sendable () -> Void) {
        for signalNumber in [SIGINT, SIGTERM] {
            signal(signalNumber, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: signalNumber, queue: .global())
            source.setEventHandler(handler: handler)
            source.resume()
            sources.append(source)
        }
    }

    private final class SignalCount: Sendable {
        private let count = Atomic(0)

        /// Counts a signal and returns the number so far.
        func increment() -> Int { count.add(1, ordering: .relaxed).newValue }
    }

    private static func leave() -> Never {
        UnfinishedOutputs.removeAll()
        Terminal.clearStatusIfPossible()
        _exit(ExitStatus.interrupted.rawValue)
    }
}
