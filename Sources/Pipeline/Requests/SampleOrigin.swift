public import Frames
import Media
public import TextFormats

/// The origin of a sample, as the row of its embedding records it: annotations of its request and
/// properties of its file or stream. Any of them may be missing in rows of other programs.
public struct SampleOrigin: Sendable, Hashable {
    /// The keys that are written after those of the request.
    private enum Key: String {
        case input, kind, width, height, codec
        case frameCount = "frames"
        case frameRate = "frame_rate"
        case duration, indices
        case degeneracy = "degenerate"
        /// Index of a clip of preprocessed pixels in its file.
        case index
    }

    /// The input as the user gave it.
    public var input: String?
    public var annotations: SampleAnnotations
    /// Why the sample is degenerate; nil if it is not.
    public var degeneracy: Degeneracy?
    public var kind: MediaKind?
    /// Size of the first frame, rotation applied.
    public var width: Int?
    public var height: Int?
    /// FFmpeg's name of the codec.
    public var codec: String?
    /// Frames per second; nil for images.
    public var frameRate: Double?
    /// Number of decoded frames.
    public var frameCount: Int?
    /// Duration in seconds; nil for images.
    public var durationSeconds: Double?

    /// Reads the row of an embedding.
    public init(row: JSONValue) {
        func value(_ key: Key) -> JSONValue? { row[key.rawValue] }
        input = value(.input)?.stringValue
        annotations = SampleAnnotations(row: row)
        degeneracy = value(.degeneracy)?.stringValue.flatMap(Degeneracy.init)
        kind = value(.kind)?.stringValue.flatMap(MediaKind.init)
        width = value(.width)?.integerValue
        height = value(.height)?.integerValue
        codec = value(.codec)?.stringValue
        frameRate = value(.frameRate)?.doubleValue
        frameCount = value(.frameCount)?.integerValue
        durationSeconds = value(.duration)?.doubleValue
    }

    /// The row of an embedding whose input was read completely: keys of its request, except those
    /// of the row itself, then the input and its properties.
    ///
    /// - Parameter indices: Frame indices of the clip; nil for the mean over all clips.
    static func row(
        of request: Request, _ summary: ReadSummary, indices: [Int]? = nil,
        degeneracy: Degeneracy?
    ) -> JSONValue {
        let info = summary.info
        let duration = info.kind == .video ? summary.durationSeconds : nil
        let properties: [(Key, JSONValue?)] = [
            (.input, .string(request.input)),
            (.kind, .string(info.kind.rawValue)),
            (.width, .integer(info.width)),
            (.height, .integer(info.height)),
            (.codec, .string(info.codecName)),
            (.frameCount, .integer(summary.frameCount)),
            (.frameRate, info.frameRate.map { .number($0) }),
            (.duration, duration.map { .number($0) }),
            (.indices, indices.map { .array($0.map { .integer($0) }) }),
            (.degeneracy, degeneracy.map { .string($0.rawValue) }),
        ]
        let reserved = Set(properties.map { ByteString($0.0.rawValue) })
        return .object(
            request.extras.filter { !reserved.contains($0.key) }
                + properties.compactMap { key, value in
                    value.map { .init(key.rawValue, $0) }
                })
    }

    /// The row of a clip of preprocessed pixels.
    static func row(ofPixels request: Request, index: Int) -> JSONValue {
        .object([
            .init(Key.input.rawValue, .string(request.input)),
            .init(Key.index.rawValue, .integer(index)),
        ])
    }
}
