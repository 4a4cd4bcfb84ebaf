import CFFmpeg
import Frames

/// The decoded frames of an input, and what is known of it without decoding all of them.
protocol DecodedSource: FrameSource {
    var properties: SourceProperties { get }
    /// The reason why frames are missing or damaged; nil if there are none.
    var truncation: String? { get }
    /// The frames according to the file's index; nil if only its packets can tell.
    var knownTimeline: FrameTimeline? { get }
}

/// The properties of an input according to its container.
struct SourceProperties {
    /// The input as the user wrote it, for error messages.
    let input: String
    /// FFmpeg's name of the container.
    let formatName: String
    /// FFmpeg's name of the codec.
    let codecName: String
    /// Whether the input is a still image if it has no second frame.
    let mayBeStill: Bool
    /// The unit of the frames' timestamps, in seconds.
    let timeBase: AVRational
    /// Average frames per second; 0/1 if unknown.
    let frameRate: AVRational
    /// Declared duration in seconds.
    let durationSeconds: Double?
    /// Whether the input is a live stream of unknown length.
    let isLive: Bool

    /// `frameRate`; nil if unknown.
    var framesPerSecond: Double? {
        frameRate.num > 0 && frameRate.den > 0
            ? Double(frameRate.num) / Double(frameRate.den) : nil
    }
}
