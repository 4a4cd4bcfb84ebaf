import Frames

/// Converts a stream's timestamps to non-decreasing seconds since its first frame.
///
/// Transport streams start at any time, concatenated ones restart, raw ones have no timestamps.
/// After a jump back of more than a second, time continues where the last frame ended; a smaller
/// one repeats the last time. A frame without a timestamp follows the previous one at the frame
/// rate.
struct FrameClock {
    /// Frames per second, if known.
    let frameRate: Double?
    private var offset: Double?
    private var last: Double?
    private var lastDuration: Double?

    init(frameRate: Double?) {
        self.frameRate = frameRate
    }

    /// The time of the next frame.
    ///
    /// - Parameters:
    ///   - seconds: The frame's own timestamp in seconds, if it has one.
    ///   - duration: The frame's duration in seconds, if known.
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
