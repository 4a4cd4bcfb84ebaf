import Synchronization

/// Ends reading from outside, e.g. from a handler of SIGINT: whoever waits for data, and every
/// `advance()` from then on, fails with `MediaError.interrupted`. What is live ends there instead, with
/// the frames that came.
public enum MediaInterruption {
    private static let requested = Atomic<Bool>(false)

    /// Asks all readers of the process to stop. Safe in a signal handler.
    public static func request() {
        requested.store(true, ordering: .relaxed)
    }

    /// Lets readers work again.
    public static func reset() {
        requested.store(false, ordering: .relaxed)
    }

    public static var isRequested: Bool {
        requested.load(ordering: .relaxed)
    }
}
