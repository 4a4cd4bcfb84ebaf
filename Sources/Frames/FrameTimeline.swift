/// The frames of a video among which uniform sampling chooses: their number, and their times if the
/// frame rate varies.
package struct FrameTimeline: Sendable, Hashable {
    /// Number of frames, at least 1.
    package let count: Int
    /// Start of each frame in seconds, non-decreasing; nil if the frames follow each other at a
    /// constant rate, or if times are unknown.
    package let variableTimes: [Double]?

    /// A video of constant or unknown frame rate.
    package init(count: Int) {
        self.count = max(count, 1)
        variableTimes = nil
    }

    /// - Parameter times: Start of each frame in seconds, non-decreasing; nil or NaN if unknown.
    package init(times: [Double?]) {
        let known = times.compactMap { $0 }.filter(\.isFinite)
        count = max(times.count, 1)
        variableTimes = known.count == times.count && Self.varies(known) ? known : nil
    }

    /// Whether the longest frame lasts more than 1.6 times as long as the median one, and a
    /// millisecond.
    ///
    /// A ratio of 1.5 is a constant rate: films at 24 fps in video at 60 fields per second have
    /// frames of two and of three fields. Timestamps may be rounded to milliseconds. The duration
    /// of the last frame is not known from timestamps, so it does not count.
    package static func varies(_ times: [Double]) -> Bool {
        let durations = zip(times.dropFirst(), times).map { $0 - $1 }
        guard let longest = durations.max(), longest > 0 else { return false }
        return longest > 1.6 * median(durations) + 0.001
    }

    /// How long each frame is shown, in seconds, if the rate varies.
    ///
    /// More than ten seconds count as ten: where recordings were joined, timestamps may jump by
    /// hours. The last frame counts as long as the median one.
    var durations: [Double]? {
        guard let variableTimes else { return nil }
        let durations = zip(variableTimes.dropFirst(), variableTimes).map { min($0 - $1, 10) }
        return durations + [Self.median(durations)]
    }

    /// The lower median.
    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[(values.count - 1) / 2]
    }
}

extension UniformSampling {
    /// Frame indices of the clip, ascending: as `indices(videoLength:frameRate:)` at a constant frame
    /// rate; otherwise the frames shown in the middle of equal intervals of time, so that one that is
    /// shown for long occurs several times. The frames of a burst are an eighth of a second apart.
    ///
    /// A video that has no more frames than the clip is taken whole.
    package func indices(of timeline: FrameTimeline, frameRate: Double? = nil) -> [Int] {
        guard timeline.count > frameCount, let durations = timeline.durations else {
            return indices(videoLength: timeline.count, frameRate: frameRate)
        }
        let length = max(1, min(burst, frameCount))
        let intervals = frameCount / length
        let interval = durations.reduce(0, +) / Double(intervals)
        let step = min(1 / Self.burstRate, interval / Double(length))
        var index = 0
        /// End of the frame `index`, in seconds; half a microsecond absorbs rounding.
        var end = durations[0] - 5e-7
        return (0..<intervals * length).map { position in
            let middle = (Double(position / length) + 0.5) * interval
            let seconds =
                middle + (Double(position % length) - Double(length - 1) / 2) * step
            while seconds >= end, index < durations.count - 1 {
                index += 1
                end += durations[index]
            }
            return index
        }
    }
}
