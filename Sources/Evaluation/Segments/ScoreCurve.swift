import Reward
import Scoring
import Statistics
public import TextFormats

/// The score of a video over time, from the clips of window sampling.
///
/// A clip covers the time from its first frame to the first frame of the next clip. If clips
/// overlap, the boundary is the middle of the overlap. The last clip extends to the end of the
/// video, and a clip before a gap covers the gap.
public struct ScoreCurve: Sendable, Hashable {
    /// The input as in the rows.
    public let input: String
    /// Logits of the clips, in order of time.
    public let logits: [Double]
    /// Whether each clip is degenerate or unfamiliar, and therefore excluded from the best.
    public let isExcluded: [Bool]
    /// Boundaries of the clips' times in seconds since the first frame, in ascending order; one
    /// more than clips.
    public let edges: [Double]
    /// The provenance keys of the rows.
    public let provenance: [JSONValue.Member]

    /// The mean logit of the clips, as in `Pooling`.
    public var logit: Double { mean(of: logits.indices) }

    /// The time range of some clips, in seconds since the first frame.
    func time(of clips: Range<Int>) -> Range<Double> {
        edges[clips.lowerBound]..<edges[clips.upperBound]
    }

    func mean(of clips: Range<Int>) -> Double { logits[clips].mean }

    /// Whether a time is the end of the curve.
    func isEnd(_ seconds: Double) -> Bool { seconds == edges[edges.count - 1] }
}

extension ScoreCurve {
    /// Why clips do not form a curve; completes a sentence that starts with the input.
    struct RowError: Error {
        let reason: String
    }

    /// Builds the curve from the clips of one input.
    ///
    /// - Parameters:
    ///   - clips: Rows of clips, in order of time.
    ///   - duration: Duration of the video in seconds from its first frame, if known.
    init(
        input: String, clips: [ScoreRow], duration: Double?, provenance: [JSONValue.Member]
    ) throws(RowError) {
        var spans: [ClosedRange<Double>] = []
        var logits: [Double] = []
        var isExcluded: [Bool] = []
        for (index, clip) in clips.enumerated() {
            guard let logit = clip.logit, Score.isWithinLimit(logit) else {
                throw RowError(reason: "clip \(index) has no logit that is a number")
            }
            guard let start = clip.start, start.isFinite else {
                throw RowError(
                    reason: "its frames have no time; give their rate to ganrm score by -r")
            }
            guard start >= spans.last?.lowerBound ?? start else {
                throw RowError(reason: "its times go back; are there two inputs of this name?")
            }
            logits.append(logit)
            isExcluded.append(
                clip.isDegenerate || clip.unfamiliar ?? 0 > Familiarity.defaultMaximum)
            spans.append(start...max(start, clip.end ?? start))
        }
        guard let first = spans.first, let last = spans.last else {
            throw RowError(reason: "there are no clips in its row")
        }
        var edges = [first.lowerBound]
        for (before, after) in zip(spans, spans.dropFirst()) {
            let middle = (before.upperBound + after.lowerBound) / 2
            edges.append(max(edges[edges.count - 1], after.lowerBound, middle))
        }
        edges.append(max(edges[edges.count - 1], last.upperBound, duration ?? 0))
        self.input = input
        self.logits = logits
        self.isExcluded = isExcluded
        self.edges = edges
        self.provenance = provenance
    }
}
