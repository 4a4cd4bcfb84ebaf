internal import Dispatch

/// Divides one worker's time among kinds of layers.
final class LapTimer {
    /// Nanoseconds, indexed by `LayerKind`.
    private(set) var nanoseconds = [UInt64](repeating: 0, count: LayerKind.allCases.count)
    private var last = DispatchTime.now().uptimeNanoseconds

    /// Adds the time since the last lap, or since initialization, to a kind of layer.
    func lap(_ kind: LayerKind) {
        let now = DispatchTime.now().uptimeNanoseconds
        nanoseconds[kind.rawValue] += now - last
        last = now
    }
}

extension Worker {
    /// Ends a lap if profiling is enabled.
    @inline(__always) func lap(_ kind: LayerKind) { timer?.lap(kind) }
}
