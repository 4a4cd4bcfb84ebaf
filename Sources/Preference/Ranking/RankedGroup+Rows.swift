import Frames
public import JSON

extension RankedGroup {
    /// A row for each candidate, best first, then those that are excluded, with the reason, and those that
    /// failed, then one for the group if its candidates cannot be compared.
    ///
    /// - Parameter provenance: What made the scores; ends each row that has one.
    public func rows(provenance: [JSONValue.Member] = []) -> [JSONValue] {
        let rows = ranked.map { $0.row(of: group, provenance: provenance) }
        let excluded = excluded.map { excluded in
            JSONValue.object(
                excluded.candidate.keys(in: group) + [.init("rank", .integer(excluded.rank))]
                    + excluded.score.numbers() + [.init("excluded", .string(excluded.reason))]
                    + provenance)
        }
        let failures = failed.map { failed in
            JSONValue.object(
                failed.candidate.keys(in: group) + [.init("error", .string(failed.reason))])
        }
        let short = shortfall.map { reason in
            JSONValue.object(
                group.names + [
                    .init("candidates", .integer(group.candidates.count)),
                    .init("error", .string(reason)),
                ])
        }
        return rows + excluded + failures + (short.map { [$0] } ?? [])
    }
}

extension Selection {
    /// A row for each candidate that is kept, as `RankedGroup.rows` writes it.
    public func rows(provenance: [JSONValue.Member] = []) -> [JSONValue] {
        kept.map { $0.row(of: group, provenance: provenance) }
    }
}

extension Candidate {
    /// The keys that a row of it begins with.
    fileprivate func keys(in group: CandidateGroup) -> [JSONValue.Member] {
        group.names + extras + [.init("input", .string(input))]
    }
}

extension CandidateGroup {
    /// The keys that say which group a row belongs to.
    public var names: [JSONValue.Member] {
        [.init("group", .string(name))]
            + (prompt.map { [.init("prompt", .string($0))] } ?? []) + extras
    }
}

extension RankedGroup.Ranked {
    fileprivate func row(
        of group: CandidateGroup, provenance: [JSONValue.Member]
    ) -> JSONValue {
        .object(
            candidate.keys(in: group) + [.init("rank", .integer(rank))] + score.numbers()
                + (margin.map { [.init("margin", .float(Float($0)))] } ?? []) + provenance)
    }
}

extension CandidateScore {
    /// `score`, `logit`, of an ensemble `logit_spread`, and what there is of `unfamiliar` and `degenerate`.
    ///
    /// - Parameter prefix: Before each key.
    fileprivate func numbers(prefix: String = "") -> [JSONValue.Member] {
        [
            .init("\(prefix)score", .float(Float(value))),
            .init("\(prefix)logit", .float(Float(logit))),
        ] + (logitSpread.map { [.init("\(prefix)logit_spread", .float(Float($0)))] } ?? [])
            + (unfamiliar.map { [.init("\(prefix)unfamiliar", .number($0))] } ?? [])
            + (degeneracy.map { [.init("\(prefix)degenerate", .string($0.rawValue))] } ?? [])
    }
}

extension PreferencePair {
    /// The pair as a row of preferences, which Hugging Face `datasets` loads: `prompt`, `chosen`, `rejected`,
    /// their scores, logits and margin. Keys of the candidates' own come back behind `chosen_` and
    /// `rejected_`.
    public var row: JSONValue {
        .object(
            group.names
                + [
                    .init("chosen", .string(chosen.candidate.input)),
                    .init("rejected", .string(rejected.candidate.input)),
                ] + Self.keys(of: chosen, prefix: "chosen_")
                + Self.keys(of: rejected, prefix: "rejected_")
                + [.init("margin", .float(Float(margin)))])
    }

    private static func keys(of ranked: RankedGroup.Ranked, prefix: String) -> [JSONValue.Member] {
        ranked.score.numbers(prefix: prefix)
            + ranked.candidate.extras.map { .init(prefix + $0.key, $0.value) }
    }
}
