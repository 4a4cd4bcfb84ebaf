internal import Synchronization

/// Adds up what an encoder's workers spend their time on, over any number of calls.
public final class EncodingProfile: Sendable {
    private let totals = Mutex([Double](repeating: 0, count: LayerKind.allCases.count))

    public init() {}

    /// Seconds, summed over the workers.
    public func seconds(_ kind: LayerKind) -> Double { totals.withLock { $0[kind.rawValue] } }

    func add(_ kind: LayerKind, seconds: Double) {
        totals.withLock { $0[kind.rawValue] += seconds }
    }
}
