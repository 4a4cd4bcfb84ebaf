internal import Synchronization

/// Time that an encoder's workers spend per kind of layer, summed over any number of calls.
public final class EncodingProfile: Sendable {
    /// Nanoseconds, indexed by `LayerKind`.
    private let totals = Mutex([UInt64](repeating: 0, count: LayerKind.allCases.count))

    public init() {}

    /// Seconds spent in one kind of layer, summed over the workers.
    public func seconds(_ kind: LayerKind) -> Double {
        Double(totals.withLock { $0[kind.rawValue] }) / 1e9
    }

    func add(_ timer: LapTimer) {
        totals.withLock { totals in
            for kind in totals.indices { totals[kind] += timer.nanoseconds[kind] }
        }
    }
}
