/// The index and presentation time of a frame of an input.
public struct FrameTime: Sendable, Hashable {
    /// Index among the decoded frames, from 0.
    public let index: Int
    /// Seconds since the first frame, non-decreasing; nil if the input has neither timestamps nor a
    /// frame rate.
    public let ptsSeconds: Double?
    /// Duration in seconds, if the container declares it.
    public let durationSeconds: Double?

    public init(index: Int, ptsSeconds: Double? = nil, durationSeconds: Double? = nil) {
        self.index = index
        self.ptsSeconds = ptsSeconds
        self.durationSeconds = durationSeconds
    }
}
