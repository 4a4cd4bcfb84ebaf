import Synchronization

/// Interrupts all readers, e.g. from a SIGINT handler. Blocked reads and every later `advance()`
/// fail with `MediaError.interrupted`. A live input ends instead, with the frames read so far.
public enum MediaInterruption {
    private static let requested = Atomic<Bool>(false)

    /// Asks all readers of the process to stop. Safe in a signal handler.
    public static func request() {
        requested.store(true, ordering: .relaxed)
    }

    /// Clears the request, so that readers work again.
    public static func reset() {
        requested.store(false, ordering: .relaxed)
    }

    public static var isRequested: Bool {
        requested.load(ordering: .relaxed)
    }
}
