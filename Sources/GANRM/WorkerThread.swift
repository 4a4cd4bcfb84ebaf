import Dispatch
import Foundation
import Synchronization

/// A thread whose end can be waited for; by then it has let go of all that its work used.
///
/// What a thread still holds when it dies is freed whenever the system gets to it: after the caller has
/// gone on, and in the middle of the process's own end, which crashed one run in ten.
final class WorkerThread: Sendable {
    private let work: Mutex<(@Sendable () -> Void)?>
    private let ended = DispatchSemaphore(value: 0)

    /// Starts the work.
    init(stackSize: Int, _ work: @escaping @Sendable () -> Void) {
        self.work = Mutex(work)
        let thread = Thread { [self] in
            runOnce()
            ended.signal()
        }
        thread.stackSize = stackSize
        thread.start()
    }

    private func runOnce() {
        let work = work.withLock { work in
            defer { work = nil }
            return work
        }
        work?()
    }

    /// - Returns: Whether the work has ended; false if it takes longer, as it may while it waits for
    ///   input that does not come.
    @discardableResult
    func join(within seconds: Double) -> Bool {
        ended.wait(timeout: .now() + seconds) == .success
    }
}
