/// Which frame of an input, and when it is shown.
public struct FrameTime: Sendable, Hashable {
    /// Position among the decoded frames, from 0.
    public let index: Int
    /// Seconds since the first frame, never descending; nil if the input has neither timestamps nor a
    /// frame rate.
    public let ptsSeconds: Double?
    /// How long the frame is shown, in seconds, if the container tells.
    public let durationSeconds: Double?

    public init(index: Int, ptsSeconds: Double? = nil, durationSeconds: Double? = nil) {
        self.index = index
        self.ptsSeconds = ptsSeconds
        self.durationSeconds = durationSeconds
    }
}
