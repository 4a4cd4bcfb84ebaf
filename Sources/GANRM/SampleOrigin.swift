public import Frames
public import JSON
import Media

/// Where a sample comes from, as the row of its embedding tells: the keys of its request and what its
/// file or stream was like. Rows of other programs may lack any of it.
public struct SampleOrigin: Sendable, Hashable {
    /// Key `group`: source, prompt, repository.
    public var group: String?
    /// Key `perturbed`: whether it is a degraded copy of another sample.
    public var isPerturbed: Bool
    /// Key `degenerate`: why it shows nothing; nil if it shows something.
    public var degeneracy: Degeneracy?
    public var kind: MediaKind?
    /// Size of the first frame, rotation applied.
    public var width: Int?
    public var height: Int?
    /// FFmpeg's name of the codec.
    public var codec: String?
    /// Frames per second, of videos.
    public var frameRate: Double?
    /// Decoded frames.
    public var frameCount: Int?
    /// Length in seconds, of videos.
    public var durationSeconds: Double?

    public init(row: JSONValue) {
        group = row["group"]?.name
        isPerturbed = row["perturbed"] == .bool(true)
        degeneracy = row["degenerate"]?.stringValue.flatMap(Degeneracy.init)
        kind = row["kind"]?.stringValue.flatMap(MediaKind.init)
        width = row["width"]?.integerValue
        height = row["height"]?.integerValue
        codec = row["codec"]?.stringValue
        frameRate = row["frame_rate"]?.doubleValue
        frameCount = row["frames"]?.integerValue
        durationSeconds = row["duration"]?.doubleValue
    }

    /// The row of an input that was read to its end: the keys of its request, the input and what it
    /// was like. Keys of a request that mean something here are not taken over.
    static func row(of request: Request, _ summary: ReadSummary) -> [JSONValue.Member] {
        let info = summary.info
        var own: [JSONValue.Member] = [
            .init("input", .string(request.input)),
            .init("kind", .string(info.kind.rawValue)),
            .init("width", .integer(info.width)),
            .init("height", .integer(info.height)),
            .init("codec", .string(info.codecName)),
            .init("frames", .integer(summary.frameCount)),
        ]
        if let rate = info.frameRate { own.append(.init("frame_rate", .number(rate))) }
        if info.kind == .video, let seconds = summary.durationSeconds {
            own.append(.init("duration", .number(seconds)))
        }
        return request.extras.filter { !reserved.contains($0.key) } + own
    }

    private static let reserved: Set = [
        "input", "kind", "width", "height", "codec", "frames", "frame_rate", "duration", "indices",
        "degenerate",
    ]
}
