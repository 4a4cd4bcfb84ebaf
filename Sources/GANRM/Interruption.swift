import Synchronization

/// A request to stop that any thread may make and every stage of a pipeline looks at.
public final class Interruption: Sendable {
    private let requested = Atomic<Bool>(false)
    private let handlers = Mutex<[@Sendable () -> Void]>([])

    public init() {}

    public var isRequested: Bool { requested.load(ordering: .acquiring) }

    /// Asks everything to stop and wakes who waits; asking again changes nothing.
    public func request() {
        guard !requested.exchange(true, ordering: .acquiringAndReleasing) else { return }
        for handler in handlers.withLock({ $0 }) { handler() }
    }

    /// Calls `handler` once when a stop is asked for, at once if it already was.
    func onRequest(_ handler: @escaping @Sendable () -> Void) {
        handlers.withLock { $0.append(handler) }
        if isRequested { handler() }
    }
}
