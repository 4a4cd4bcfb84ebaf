public import Preference
public import Scoring
public import TextFormats

/// The candidates of each prompt, ranked by their scores.
///
///     let candidates = try CandidateGrouping().candidates(in: ["candidates/"])
///     let ranking = CandidateRanking(candidates, scores: try scoring.table(of: candidates.inputs))
///     for row in ranking.rows { print(row) }
public struct CandidateRanking: Sendable {
    /// In the order of the prompts.
    public let groups: [RankedGroup]
    /// Keys that identify the model and the settings of the scores, for the rows.
    public let provenance: [JSONValue.Member]
    /// One sentence for each candidate or prompt that could not be ranked.
    public let failures: [String]
    /// The failures that `rows` does not tell of: lines and files without a candidate.
    public let failuresWithoutRow: [String]

    /// - Parameters:
    ///   - scores: A candidate without a score in it is a failure.
    ///   - exclusion: Criteria for candidates that must not win.
    public init(
        _ candidates: CandidateList, scores: ScoreTable, exclusion: CandidateExclusion = .init()
    ) {
        groups = candidates.groups.map { group in
            RankedGroup(group, exclusion: exclusion) { scores.outcome(of: $0) }
        }
        provenance = scores.provenance
        failuresWithoutRow = candidates.failures
        failures =
            candidates.failures
            + groups.flatMap { group in
                group.failed.map(\.reason) + (group.comparisonFailure.map { [$0] } ?? [])
            }
    }

    /// Whether there are several prompts with one candidate each, so that nothing is compared.
    public var isUngrouped: Bool {
        groups.count > 1 && groups.allSatisfy { $0.group.candidates.count == 1 }
    }

    /// The rows of `ganrm rank`, prompt by prompt; see `RankedGroup.rows`.
    public var rows: [ScoreRow] { groups.flatMap { $0.rows(provenance: provenance) } }
}

extension CandidateGrouping {
    /// Reads candidates and their scores from one file, once, since it may be standard input.
    ///
    /// - Parameter path: Rows of `ganrm score` or `ganrm rank`; `-` is standard input.
    /// - Throws: `PreferenceError`, and the errors of reading a `ScoreTable`.
    public func scoredCandidates(
        in path: String
    ) throws -> (candidates: CandidateList, scores: ScoreTable) {
        var scores = ScoreTable()
        let candidates = try candidates { add in
            scores = try ScoreTable(path: path) { add($0.json) }
        }
        return (candidates, scores)
    }
}
