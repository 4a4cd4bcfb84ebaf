public import Reward
public import Scoring
public import Statistics
import TextFormats

/// A segment of a video with its score.
public struct Segment: Sendable, Hashable {
    public enum Kind: String, Sendable {
        /// A segment above or below the video's mean logit.
        case best, worst
        /// A segment between dropped ones.
        case kept
    }

    public let kind: Kind
    /// Rank from 1: by score for the best and the worst, by time for kept segments.
    public let rank: Int
    /// Time range in seconds since the video's first frame.
    public let time: Range<Double>
    /// The score of the mean of its clips' logits.
    public let score: Score
    public let clipCount: Int

    /// The segment as a row.
    ///
    /// - Parameter segmentation: The segmentation of the curve.
    public func row(of curve: ScoreCurve, segmentation: LevelSegmentation) -> ScoreRow {
        var row = ScoreRow()
        row.input = curve.input
        row.set(.kind, .string(kind.rawValue))
        row.rank = rank
        row.start = Self.rounded(time.lowerBound)
        row.end = Self.rounded(time.upperBound)
        row.score = score.value
        row.logit = score.logit
        row.set(.clips, .integer(clipCount))
        let settings = JSONValue.object([
            .init("penalty", .float(Float(segmentation.penalty))),
            .init("min_length", .number(segmentation.minimumLength)),
        ])
        row.append([.init("segmentation", settings)] + curve.provenance)
        return row
    }

    /// Rounds to microseconds.
    private static func rounded(_ seconds: Double) -> Double { (seconds * 1e6).rounded() / 1e6 }
}
