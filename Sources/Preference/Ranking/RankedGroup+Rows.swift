import Frames
public import Scoring
public import TextFormats

extension RankedGroup {
    /// One row per candidate: ranked ones, best first, then excluded ones with the reason, then failed
    /// ones; last, an error row for the group if its candidates cannot be compared.
    ///
    /// - Parameter provenance: Keys that identify the model and settings, appended to each row with a
    ///   score.
    public func rows(provenance: [JSONValue.Member] = []) -> [ScoreRow] {
        let rows = ranked.map { $0.row(of: group, provenance: provenance) }
        let excluded = excluded.map { excluded in
            var row = ScoreRow(excluded.candidate, of: group)
            row.rank = excluded.rank
            row.setScore(excluded.score)
            row.exclusion = excluded.reason
            row.append(provenance)
            return row
        }
        let failures = failed.map { failed in
            var row = ScoreRow(failed.candidate, of: group)
            row.failure = failed.reason
            return row
        }
        let shortfallRow = comparisonFailure.map { reason in
            var row = ScoreRow(members: group.names)
            row.candidateCount = group.candidates.count
            row.failure = reason
            return row
        }
        return rows + excluded + failures + (shortfallRow.map { [$0] } ?? [])
    }
}

extension Selection {
    /// One row per selected candidate, as in `RankedGroup.rows`.
    public func rows(provenance: [JSONValue.Member] = []) -> [ScoreRow] {
        kept.map { $0.row(of: group, provenance: provenance) }
    }
}

extension CandidateGroup {
    /// The keys that identify the group of a row.
    public var names: [JSONValue.Member] {
        var row = ScoreRow()
        row.group = name
        row.prompt = prompt
        row.append(extras)
        return row.members
    }
}

extension RankedGroup.Ranked {
    fileprivate func row(
        of group: CandidateGroup, provenance: [JSONValue.Member]
    ) -> ScoreRow {
        var row = ScoreRow(candidate, of: group)
        row.rank = rank
        row.setScore(score)
        row.margin = margin
        row.append(provenance)
        return row
    }
}

extension ScoreRow {
    /// Starts the row of a candidate: its group, its own keys and its input.
    package init(_ candidate: Candidate, of group: CandidateGroup) {
        self.init(members: group.names + candidate.extras)
        input = candidate.input
    }

    fileprivate mutating func setScore(_ score: CandidateScore) {
        self.score = score.value
        logit = score.logit
        logitSpread = score.logitSpread
        unfamiliar = score.unfamiliar
        degeneracy = score.degeneracy
    }
}

extension CandidateScore {
    /// Reads the score of a row; nil if it has no logit that is a finite number.
    public init?(row: ScoreRow) {
        guard let logit = row.logit else { return nil }
        self.init(
            logit: logit, value: row.score, logitSpread: row.logitSpread,
            unfamiliar: row.unfamiliar,
            degeneracy: row.degeneracy)
    }
}

extension PreferencePair {
    /// The pair as a preference row that Hugging Face `datasets` loads: `prompt`, `chosen`, `rejected`,
    /// their scores, logits and margin. Additional keys of the candidates get the prefix `chosen_` or
    /// `rejected_`.
    public var row: JSONValue {
        var row = ScoreRow(
            members: group.names
                + [
                    .init("chosen", .string(chosen.candidate.input)),
                    .init("rejected", .string(rejected.candidate.input)),
                ] + Self.keys(of: chosen, prefix: "chosen_")
                + Self.keys(of: rejected, prefix: "rejected_"))
        row.margin = margin
        return row.json
    }

    private static func keys(of ranked: RankedGroup.Ranked, prefix: String) -> [JSONValue.Member] {
        var row = ScoreRow()
        row.setScore(ranked.score)
        return (row.members + ranked.candidate.extras).map { .init(prefix + $0.key, $0.value) }
    }
}
