import Synchronization

/// A request to stop that any thread can make and every stage of a pipeline checks.
///
/// Calls whose results come one by one stop early and return. Calls whose partial result would be
/// misleading throw `CancellationError`.
public final class Interruption: Sendable {
    private let requested = Atomic<Bool>(false)
    private let handlers = Mutex<[@Sendable () -> Void]>([])

    public init() {}

    public var isRequested: Bool { requested.load(ordering: .acquiring) }

    /// - Throws: `CancellationError` if a stop was requested.
    public func check() throws(CancellationError) {
        if isRequested { throw CancellationError() }
    }

    /// Requests the stop and calls the handlers. Further calls have no effect.
    public func request() {
        guard !requested.exchange(true, ordering: .acquiringAndReleasing) else { return }
        for handler in handlers.withLock({ $0 }) { handler() }
    }

    /// Calls `handler` when a stop is requested, immediately if it already was.
    func onRequest(_ handler: @escaping @Sendable () -> Void) {
        handlers.withLock { $0.append(handler) }
        if isRequested { handler() }
    }
}
