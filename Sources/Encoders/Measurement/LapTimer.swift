internal import Dispatch

/// Divides one worker's time among kinds of layers: each lap ends what was begun by the one before.
final class LapTimer {
    /// By kind of layer.
    private(set) var nanoseconds = [UInt64](repeating: 0, count: LayerKind.allCases.count)
    private var last = DispatchTime.now().uptimeNanoseconds

    /// What has passed since the last lap, or since the beginning, was of this kind.
    func lap(_ kind: LayerKind) {
        let now = DispatchTime.now().uptimeNanoseconds
        nanoseconds[kind.rawValue] += now - last
        last = now
    }
}

extension Worker {
    /// Ends a lap if somebody measures.
    @inline(__always) func lap(_ kind: LayerKind) { timer?.lap(kind) }
}
