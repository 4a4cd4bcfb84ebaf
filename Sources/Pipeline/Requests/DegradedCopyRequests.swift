import Media
import Synchronization

/// A sequence of requests, each followed by the requests of its degraded copies.
final class DegradedCopyRequests: Sendable {
    private let source: RequestSource
    private let degradedCopies: DegradedCopies
    /// Number of requests, copies included; nil if unknown.
    let total: Int?
    private let pending = Mutex<ArraySlice<Request>>([])

    init(_ source: RequestSource, by degradedCopies: DegradedCopies) {
        self.source = source
        self.degradedCopies = degradedCopies
        total = source.total.map { $0 * (1 + degradedCopies.copiesPerSample) }
    }

    /// The next request, or nil at the end.
    func next() -> Request? {
        pending.withLock { pending in
            if pending.isEmpty, let request = source.next() {
                pending = degradedCopies.requests(for: request)[...]
            }
            return pending.popFirst()
        }
    }
}
