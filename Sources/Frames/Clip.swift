/// Preprocessed frames that are encoded together.
public struct Clip: Sendable, Hashable {
    /// `T` preprocessed frames, e.g. `[224, 224, 3]` bytes each, or the bytes of as many `Float` on
    /// the scale 0…255 if the filter has a float result; a short video repeats its last one.
    public let frames: [[UInt8]]
    /// Indices of the decoded frames, ascending, from 0.
    public let indices: [Int]
    /// Presentation time of the first frame, in seconds from the start of the input.
    public let startSeconds: Double?
    /// End time of the last frame, or its start if its duration is unknown, in seconds.
    public let endSeconds: Double?
    /// Runs of evenly spaced frames, as indices into `frames`; empty if there are none. A frame
    /// that is repeated because the video is too short occurs once.
    public let bursts: [[Int]]

    /// - Parameter burst: Length of each run of evenly spaced frames; nil means one run of all
    ///   frames.
    public init(
        frames: [[UInt8]], indices: [Int], startSeconds: Double? = nil, endSeconds: Double? = nil,
        burst: Int? = nil
    ) {
        let burst = max(burst ?? frames.count, 1)
        bursts = stride(from: 0, to: burst > 1 ? frames.count : 0, by: burst).map { start in
            (start..<min(start + burst, frames.count)).filter { position in
                position == start || indices[position] != indices[position - 1]
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

/// A preprocessed frame with its index and time in the video.
struct SampledFrame {
    let pixels: [UInt8]
    let time: FrameTime
}
