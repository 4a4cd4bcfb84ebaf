public import JSON
import Reward

/// How the score of a video goes over time: the clips of window sampling.
///
/// A clip speaks for the time from its first frame to the next clip's. Where clips overlap, the border is
/// the middle of what they share; the last clip speaks up to the end of the video, and the clip before a
/// gap for the gap.
public struct ScoreCurve: Sendable, Hashable {
    /// As rows name it.
    public let input: String
    /// Of the clips, in order of time.
    public let logits: [Double]
    /// Whether each clip must not be among the best: it shows nothing, or nothing that the head knows.
    public let isExcluded: [Bool]
    /// Where each clip's time begins, in seconds since the first frame, never descending, and where the
    /// last one's ends.
    public let edges: [Double]
    /// What made the scores, as rows say it.
    public let provenance: [JSONValue.Member]

    /// The mean of the clips' logits, as `Pooling` takes it.
    public var logit: Double { mean(of: logits.indices) }

    /// The time of some clips, in seconds since the first frame.
    func time(of clips: Range<Int>) -> Range<Double> {
        edges[clips.lowerBound]..<edges[clips.upperBound]
    }

    func mean(of clips: Range<Int>) -> Double {
        logits[clips].reduce(0, +) / Double(clips.count)
    }

    /// Whether a time is the end of the curve, behind which no clip was scored.
    func isEnd(_ seconds: Double) -> Bool { seconds == edges[edges.count - 1] }
}

extension ScoreCurve {
    /// Why clips are no curve: the second half of a sentence that begins with the input's name.
    struct Refusal: Error {
        let reason: String
    }

    /// - Parameters:
    ///   - clips: As they stand in rows: `start`, `end`, `logit`.
    ///   - duration: Of the video, in seconds since its first frame, if known.
    init(
        input: String, clips: [JSONValue], duration: Double?, provenance: [JSONValue.Member]
    ) throws(Refusal) {
        var spans: [ClosedRange<Double>] = []
        var logits: [Double] = []
        var isExcluded: [Bool] = []
        for (index, clip) in clips.enumerated() {
            guard let logit = clip["logit"]?.doubleValue, logit.isFinite else {
                throw Refusal(reason: "clip \(index) has no logit that is a number")
            }
            guard let start = clip["start"]?.doubleValue, start.isFinite else {
                throw Refusal(
                    reason: "its frames have no time; give their rate to ganrm score by -r")
            }
            guard start >= spans.last?.lowerBound ?? start else {
                throw Refusal(reason: "its times go back; are there two inputs of this name?")
            }
            logits.append(logit)
            isExcluded.append(
                clip["degenerate"]?.stringValue != nil
                    || clip["unfamiliar"]?.doubleValue ?? 0 > Familiarity.usualMaximum)
            spans.append(start...max(start, clip["end"]?.doubleValue ?? start))
        }
        guard let first = spans.first, let last = spans.last else {
            throw Refusal(reason: "there are no clips in its row")
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
