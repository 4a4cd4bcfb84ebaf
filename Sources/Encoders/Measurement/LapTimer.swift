/// Divides one worker's time among kinds of layers: each lap ends what was begun by the one before.
final class LapTimer {
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant
    private let profile: EncodingProfile

    init(_ profile: EncodingProfile) {
        self.profile = profile
        last = clock.now
    }

    /// What has passed since the last lap, or since the beginning, was of this kind.
    func lap(_ kind: LayerKind) {
        let now = clock.now
        profile.add(kind, seconds: (now - last) / .seconds(1))
        last = now
    }
}

extension Worker {
    /// Ends a lap if somebody measures.
    @inline(__always) func lap(_ kind: LayerKind) { timer?.lap(kind) }
}
