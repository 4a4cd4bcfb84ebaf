import Frames

/// Turns a stream's timestamps into seconds since its first frame that never descend.
///
/// Transport streams start anywhere, concatenated ones start again, raw ones have no timestamps: a jump
/// back of more than a second goes on where the last frame ended, a smaller one is held, a frame
/// without a timestamp follows the one before at the frame rate.
struct FrameClock {
    /// Frames per second, if known.
    let frameRate: Double?
    private var offset: Double?
    private var last: Double?
    private var lastDuration: Double?

    init(frameRate: Double?) {
        self.frameRate = frameRate
    }

    /// - Parameters:
    ///   - seconds: The frame's own timestamp, if it has one.
    ///   - duration: How long it is shown, if known.
    mutating func time(index: Int, seconds: Double?, duration: Double?) -> FrameTime {
        let step = lastDuration ?? frameRate.map { 1 / $0 }
        let expected = last.map { $0 + (step ?? 0) } ?? 0
        var shown: Double?
        if let seconds {
            if let offset {
                let time = seconds + offset
                if let last, time < last - 1 {
                    self.offset = expected - seconds
                    shown = expected
                } else {
                    shown = max(time, last ?? time)
                }
            } else {
                offset = expected - seconds
                shown = expected
            }
        } else if step != nil || index == 0 && frameRate != nil {
            shown = expected
        }
        last = shown ?? last
        lastDuration = duration
        return FrameTime(index: index, ptsSeconds: shown, durationSeconds: duration)
    }
}
