public import JSON
public import Reward

/// A stretch of a video with a score of its own.
public struct Segment: Sendable, Hashable {
    public enum Kind: String, Sendable {
        /// A stretch above the video's mean logit, and one below it.
        case best, worst
        /// What is left between stretches that are dropped.
        case kept
    }

    public let kind: Kind
    /// From 1: from the best on, from the worst on; in order of time for what is kept.
    public let rank: Int
    /// In seconds since the video's first frame; the end is that of the last frame.
    public let time: Range<Double>
    /// Of the mean of its clips' logits.
    public let score: Score
    public let clipCount: Int

    /// A row of results.
    ///
    /// - Parameter segmentation: How the curve was cut.
    public func row(of curve: ScoreCurve, segmentation: LevelSegmentation) -> JSONValue {
        .object(
            [
                .init("input", .string(curve.input)),
                .init("kind", .string(kind.rawValue)),
                .init("rank", .integer(rank)),
                .init("start", Self.rounded(time.lowerBound)),
                .init("end", Self.rounded(time.upperBound)),
                .init("score", .float(Float(score.value))),
                .init("logit", .float(Float(score.logit))),
                .init("clips", .integer(clipCount)),
                .init(
                    "segmentation",
                    .object([
                        .init("penalty", .float(Float(segmentation.penalty))),
                        .init("min_length", .number(segmentation.minimumLength)),
                    ])),
            ] + curve.provenance)
    }

    /// To microseconds.
    private static func rounded(_ seconds: Double) -> JSONValue {
        .number((seconds * 1e6).rounded() / 1e6)
    }
}
