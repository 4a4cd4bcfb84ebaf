import Synchronization

/// A request to stop that any thread can make and every stage of a pipeline checks.
///
/// Calls whose results come one by one stop early and return. Calls whose partial result would be
/// misleading throw `CancellationError`.
public final class Interruption: Sendable {
    private let requested = Atomic<Bool>(false)
    private let handlers = Mutex<[ObjectIdentifier: @Sendable () -> Void]>([:])

    public init() {}

    public var isRequested: Bool { requested.load(ordering: .acquiring) }

    /// - Throws: `CancellationError` if a stop was requested.
    public func check() throws(CancellationError) {
        if isRequested { throw CancellationError() }
    }

    /// Requests the stop and calls the handlers. Further calls have no effect.
    public func request() {
        guard !requested.exchange(true, ordering: .acquiringAndReleasing) else { return }
        for function in handlers.withLock({ Array($0.values) }) { function() }
    }

    /// A handler that is called when a stop is requested.
    final class Handler: Sendable {}

    /// Calls a function when a stop is requested, immediately if it already was.
    ///
    /// - Returns: What `forget` takes: a run of many inputs has many pipelines, one after another.
    func onRequest(_ function: @escaping @Sendable () -> Void) -> Handler {
        let handler = Handler()
        handlers.withLock { $0[ObjectIdentifier(handler)] = function }
        if isRequested { function() }
        return handler
    }

    /// Removes a handler, and what its function refers to.
    func forget(_ handler: Handler) {
        handlers.withLock { $0[ObjectIdentifier(handler)] = nil }
    }
}
