/// Which frames of a video the embeddings were made from: a note, for whoever scores with the head.
public struct SamplingRecord: Codable, Sendable, Hashable {
    public enum Method: String, Codable, Sendable, Hashable {
        /// The middle frame of each of `frames` equal intervals.
        case uniform
        /// Clips of `frames` frames, `stride` source frames apart.
        case window
    }

    public var method: Method
    /// Frames per clip, `T`.
    public var frames: Int
    /// Source frames between two frames of a clip; nil if not a window of a fixed stride.
    public var stride: Int?

    public init(method: Method = .uniform, frames: Int = 8, stride: Int? = nil) {
        self.method = method
        self.frames = frames
        self.stride = stride
    }
}
