import TextFormats

/// Candidates of which a comparison of a reward and metrics tells nothing, or that it ranks last, by reason.
public struct CandidateOmissions: Sendable, Hashable {
    /// Rows of metrics whose input has no row of scores of its prompt.
    public var withoutScore = 0
    /// Candidates that could not be scored.
    public var failedScores = 0
    /// Scored candidates without a row of metrics.
    public var withoutMetrics = 0
    /// Scored candidates whose metrics are those of other prompts.
    public var otherPrompt = 0
    /// Scored candidates whose metrics failed.
    public var failedMetrics = 0
    /// Candidates with score and metrics, but without a prompt or group in either row.
    public var withoutPrompt = 0
    /// Candidates that must not win; they are not left out, but stand behind all that may.
    public var excluded = 0

    public init() {}

    /// A sentence for each reason that occurs.
    public var sentences: [String] {
        func candidates(_ count: Int) -> String { "\(count) candidate\(count == 1 ? "" : "s")" }
        let reasons: [(count: Int, text: String)] = [
            (withoutScore, "with metrics but without a score of that input and prompt: left out"),
            (failedScores, "could not be scored: left out"),
            (withoutMetrics, "with a score but without a row of metrics: left out"),
            (otherPrompt, "with a score and with metrics of another prompt only: left out"),
            (failedMetrics, "with a score, whose metrics failed: left out"),
            (withoutPrompt, "without a prompt in either row: left out"),
            (excluded, "must not win, whatever the score: ranked behind all others"),
        ]
        return reasons.filter { $0.count > 0 }.map { "\(candidates($0.count)) \($0.text)" }
    }

    /// The members of `best_of` with these counts.
    var members: [JSONValue.Member] {
        [
            .init("excluded", .integer(excluded)),
            .init(
                "left_out",
                .object([
                    .init("without_score", .integer(withoutScore)),
                    .init("failed_scores", .integer(failedScores)),
                    .init("without_metrics", .integer(withoutMetrics)),
                    .init("other_prompt", .integer(otherPrompt)),
                    .init("failed_metrics", .integer(failedMetrics)),
                    .init("without_prompt", .integer(withoutPrompt)),
                ])),
        ]
    }
}
