import Dispatch
import Foundation
import Synchronization

/// A thread that can be joined; when `join` returns true, its closure has been released.
///
/// A plain `Thread` releases its closure at some time after its end, possibly while the process
/// exits, which crashed one run in ten.
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

    /// Waits until the work has ended, up to a limit in seconds.
    ///
    /// - Returns: False if the work has not ended, for example because it still waits for input.
    @discardableResult
    func join(within seconds: Double) -> Bool {
        ended.wait(timeout: .now() + seconds) == .success
    }
}
