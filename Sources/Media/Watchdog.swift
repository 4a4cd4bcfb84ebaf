import CFFmpeg

/// Tells libav to give up: after a time-out, or when the process was asked to stop.
final class Watchdog {
    /// Longest silence in seconds; nil waits for ever.
    let limit: Double?
    private var deadline: ContinuousClock.Instant?
    /// Whether a wait was ended.
    private(set) var hasBarked = false
    /// Whether the deadline was what ended the wait.
    private(set) var hasTimedOut = false

    init(limit: Double?) {
        self.limit = limit
    }

    /// A new wait begins.
    func restart() {
        guard let limit else { return }
        deadline = ContinuousClock.now + .seconds(limit)
    }

    /// Whether to stop waiting; once said, it stays so.
    var barks: Bool {
        if hasBarked { return true }
        if let deadline, ContinuousClock.now > deadline { hasTimedOut = true }
        hasBarked = hasTimedOut || MediaInterruption.isRequested
        return hasBarked
    }

    /// A callback that borrows this object: keep it alive as long as libav knows the callback.
    var callback: AVIOInterruptCB {
        AVIOInterruptCB(
            callback: { opaque in
                guard let opaque else { return 0 }
                return Unmanaged<Watchdog>.fromOpaque(opaque).takeUnretainedValue().barks ? 1 : 0
            },
            opaque: Unmanaged.passUnretained(self).toOpaque())
    }
}
