import Media
import Synchronization

/// Requests, each followed by those of its degraded copies.
public final class PerturbedRequests: Sendable {
    private let source: RequestSource
    private let perturbation: Perturbation
    /// How many there are, if that is known.
    public let total: Int?
    private let waiting = Mutex<ArraySlice<Request>>([])

    public init(_ source: RequestSource, by perturbation: Perturbation) {
        self.source = source
        self.perturbation = perturbation
        total = source.total.map { $0 * (1 + perturbation.copiesPerSample) }
    }

    /// The next request, or nil at the end.
    public func next() -> Request? {
        waiting.withLock { waiting in
            if waiting.isEmpty, let request = source.next() {
                waiting = perturbation.requests(for: request)[...]
            }
            return waiting.popFirst()
        }
    }
}
