import CFFmpeg

/// Interrupts libav's blocking calls after a time-out or when the process was asked to stop.
final class InterruptHandler {
    /// Time-out in seconds; nil means none.
    private let limit: Double?
    private var deadline: ContinuousClock.Instant?
    /// Whether a call was interrupted.
    private(set) var wasInterrupted = false
    /// The time-out in seconds, if it was the reason for the interruption.
    private(set) var timedOutAfter: Double?

    init(limit: Double?) {
        self.limit = limit
    }

    /// Restarts the time-out.
    func restart() {
        guard let limit else { return }
        deadline = ContinuousClock.now + .seconds(limit)
    }

    /// Whether the current call must be interrupted; stays true once it is.
    var shouldInterrupt: Bool {
        if wasInterrupted { return true }
        if let deadline, ContinuousClock.now > deadline { timedOutAfter = limit }
        wasInterrupted = timedOutAfter != nil || MediaInterruption.isRequested
        return wasInterrupted
    }

    /// The interrupt callback for libav. It holds an unretained reference to this object, which
    /// must outlive it.
    var callback: AVIOInterruptCB {
        AVIOInterruptCB(
            callback: { opaque in
                guard let opaque else { return 0 }
                return Unmanaged<InterruptHandler>.fromOpaque(opaque).takeUnretainedValue()
                    .shouldInterrupt ? 1 : 0
            },
            opaque: Unmanaged.passUnretained(self).toOpaque())
    }
}
