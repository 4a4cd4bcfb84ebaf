import Frames
public import JSON
import Media
import Preference
import Reward
public import Scoring

/// A line of results: what `score` writes for an input or for a clip.
public struct ResultRow: Sendable {
    /// The keys in the order in which they are written.
    public let members: [JSONValue.Member]
    /// Why there is no score; nil if there is one.
    public var failure: String? { self["error"]?.stringValue }
    /// Why fewer or worse frames came than the input should hold; nil if all is well.
    public var truncation: String? { self["truncation"]?.stringValue }

    /// The row of a whole input.
    ///
    /// - Parameter isRealTime: Whether clips may have been dropped, so that the row says how many were.
    public init(_ result: InputScore, provenance: Provenance, isRealTime: Bool = false) {
        var row = Self.start(result.request)
        switch result.outcome {
        case .failed(let reason):
            row.append(.init("error", .string(reason)))
        case .finished(let summary, let sampling):
            guard let score = result.score else {
                row.append(.init("error", .string("the input is too short for a single clip")))
                break
            }
            row += Self.numbers(score) + provenance.meaning(of: score)
            row += Self.parts(of: score) + provenance.doubts(about: score, result.degeneracy)
            row.append(.init("kind", .string(summary.info.kind.rawValue)))
            row.append(.init("frames", .integer(summary.frameCount)))
            if summary.info.kind == .video, let duration = summary.durationSeconds {
                row.append(.init("duration", .number(duration)))
            }
            if let reason = summary.truncation {
                row.append(.init("truncated", .bool(true)))
                row.append(.init("truncation", .string(reason)))
            }
            if isRealTime { row.append(.init("dropped_clips", .integer(result.droppedClips))) }
            row.append(
                .init("clips", .array(result.clips.map { .object(Self.clip($0, provenance)) })))
            row += provenance.members(for: summary.info.kind, sampling: sampling)
        }
        members = row + Self.ending(result.request)
    }

    /// The row of a single clip, for `--per clip`.
    ///
    /// - Parameter droppedClips: How many were dropped since the row before; nil if none can be.
    public init(
        _ clip: ClipScore, of input: OpenedInput, provenance: Provenance, droppedClips: Int? = nil
    ) {
        members =
            Self.start(input.request) + Self.clip(clip, provenance)
            + [.init("kind", .string(input.kind.rawValue))]
            + (droppedClips.map { [.init("dropped_clips", .integer($0))] } ?? [])
            + provenance.members(for: input.kind, sampling: input.sampling)
            + Self.ending(input.request)
    }

    public subscript(key: String) -> JSONValue? { JSONValue.object(members)[key] }

    /// What the request wants back, then the input; keys that results use are not taken over.
    private static func start(_ request: Request) -> [JSONValue.Member] {
        request.extras.filter { $0.key != "input" && !ResultKeys.all.contains($0.key) }
            + [.init("input", .string(request.input))]
    }

    private static func ending(_ request: Request) -> [JSONValue.Member] {
        guard let position = request.position else { return [] }
        return [.init("position", .integer(position.index))]
            + (position.total.map { [.init("total", .integer($0))] } ?? [])
    }

    private static func numbers(_ score: Score) -> [JSONValue.Member] {
        let numbers = [
            ("score", score.value), ("logit", score.logit), ("spread", score.spread),
            ("logit_spread", score.logitSpread),
        ]
        return numbers.compactMap { key, value in
            value.map { .init(key, .float(Float($0))) }
        }
    }

    /// What the logit consists of, if of more than one part: `realism` − `damage`.
    private static func parts(of score: Score) -> [JSONValue.Member] {
        guard let damage = score.damage else { return [] }
        return [
            .init(
                "parts",
                .object([
                    .init("realism", .float(Float(score.logit + damage))),
                    .init("damage", .float(Float(damage))),
                ]))
        ]
    }

    private static func clip(
        _ clip: ClipScore, _ provenance: Provenance
    ) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        if let start = clip.startSeconds { members.append(.init("start", .number(start))) }
        if let end = clip.endSeconds { members.append(.init("end", .number(end))) }
        members.append(.init("indices", .array(clip.indices.map { .integer($0) })))
        return members + numbers(clip.score) + parts(of: clip.score)
            + provenance.doubts(about: clip.score, clip.degeneracy)
    }
}
