import Media
import Synchronization

/// The requests of one side of a training, each followed by those of its degraded copies.
public final class PerturbedRequests: Sendable {
    private let source: RequestSource
    private let perturbation: Perturbation
    private let label: Double
    private let waiting = Mutex<ArraySlice<Request>>([])

    /// - Parameter label: The side's, 1 or 0.
    public init(_ source: RequestSource, by perturbation: Perturbation, label: Double) {
        self.source = source
        self.perturbation = perturbation
        self.label = label
    }

    /// The next request, or nil at the end.
    public func next() -> Request? {
        waiting.withLock { waiting in
            if waiting.isEmpty, let request = source.next() {
                waiting = perturbation.requests(for: request, label: label)[...]
            }
            return waiting.popFirst()
        }
    }
}
