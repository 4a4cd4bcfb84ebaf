import Dispatch
import Foundation
import Synchronization

/// A thread that can be joined; when `join` returns true, its closure has been released.
///
/// A plain `Thread` releases its closure at some time after its end, possibly while the process
/// exits, which crashed one run in ten.
package final class WorkerThread: Sendable {
    private let work: Mutex<(@Sendable () -> Void)?>
    private let ended = DispatchSemaphore(value: 0)

    /// Starts the work.
    ///
    /// - Throws: `PipelineError.thread` if the system refuses a thread, of which Foundation's `Thread`
    ///   says nothing: the work would be waited for for ever.
    package init(stackSize: Int, _ work: @escaping @Sendable () -> Void) throws(PipelineError) {
        self.work = Mutex(work)
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackSize)
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let this = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, &attributes,
            { this in
                guard let this else { return nil }
                let thread = Unmanaged<WorkerThread>.fromOpaque(this).takeRetainedValue()
                thread.runOnce()
                thread.ended.signal()
                return nil
            }, this.toOpaque())
        guard code == 0 else {
            this.release()
            throw .thread(reason: String(cString: strerror(code)))
        }
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
    package func join(within seconds: Double) -> Bool {
        ended.wait(timeout: .now() + seconds) == .success
    }
}
