/// Frames that are encoded together, ready for the encoder.
public struct Clip: Sendable, Hashable {
    /// `T` prepared frames, e.g. `[224, 224, 3]` bytes each; a short video repeats its last one.
    public let frames: [[UInt8]]
    /// Which decoded frames they are, ascending, from 0.
    public let indices: [Int]
    /// When the first of them is shown, in seconds from the start.
    public let startSeconds: Double?
    /// When the last of them ends, or begins if its duration is unknown.
    public let endSeconds: Double?
    /// Frames that follow each other evenly in time, as places in `frames`; none where none do. A frame that
    /// stands there twice, because the video has no other, counts once.
    public let bursts: [[Int]]

    /// - Parameter burst: Frames that follow each other evenly before the next do; nil: all of them.
    public init(
        frames: [[UInt8]], indices: [Int], startSeconds: Double? = nil, endSeconds: Double? = nil,
        burst: Int? = nil
    ) {
        let burst = max(burst ?? frames.count, 1)
        bursts = stride(from: 0, to: burst > 1 ? frames.count : 0, by: burst).map { start in
            (start..<min(start + burst, frames.count)).filter { place in
                place == start || indices[place] != indices[place - 1]
            }
        }
        self.frames = frames
        self.indices = indices
        self.startSeconds = startSeconds
        self.endSeconds = endSeconds
    }

    /// A clip of sampled frames, at least one.
    init(_ samples: [SampledFrame], burst: Int? = nil) {
        let first = samples.first?.time
        let last = samples.last?.time
        self.init(
            frames: samples.map(\.pixels), indices: samples.map(\.time.index),
            startSeconds: first?.ptsSeconds,
            endSeconds: last.flatMap { last in
                last.ptsSeconds.map { $0 + (last.durationSeconds ?? 0) }
            }, burst: burst)
    }
}

/// A prepared frame and its place in the video.
struct SampledFrame {
    let pixels: [UInt8]
    let time: FrameTime
}
