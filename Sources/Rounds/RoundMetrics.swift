import Statistics
public import TextFormats

/// Metrics of a round's outputs, compared with the proxy data and with round 0.
public struct RoundMetrics: Sendable, Hashable {
    /// Round index, from 0.
    public let round: Int
    public let prompts: Int
    /// Outputs with an embedding.
    public let candidates: Int
    /// Outputs that could not be read.
    public let failed: Int
    /// Share of degenerate outputs, 0…1; see `Degeneracy`.
    public let degenerate: Double
    /// Share of outputs that are unfamiliar to the head of round 0 or to the newest head, 0…1. A
    /// rising share means that the generator leaves the distribution the head was trained on.
    public let unfamiliarFirst: Double
    public let unfamiliarNewest: Double
    /// Preference pairs formed from the outputs; nil in the final evaluation.
    public let pairs: Int?
    /// Fréchet distance between the embeddings of the proxy data and of the outputs; nil if either has
    /// fewer than two samples.
    public let frechet: Double?
    /// Mean score under the head of round 0, comparable across rounds.
    public let scoreFirst: Double
    public let logitFirst: Double
    /// Mean score under the newest head, which was trained against these outputs; in the final
    /// evaluation, against those of the previous round.
    public let scoreNewest: Double
    public let logitNewest: Double
    /// Win rate against the outputs of round 0 for the same prompt, 0…1: ties count half, averaged over
    /// prompts; under the head of round 0 and under the newest. Nil in round 0.
    public let winsFirst: Double?
    public let winsNewest: Double?
    /// The metrics that the configuration names, in its order.
    public let measured: [RoundMetricValue]

    public var json: JSONValue {
        let row: JSONValue = [
            "round": .integer(round), "prompts": .integer(prompts),
            "candidates": .integer(candidates), "failed": .integer(failed),
            "degenerate": .number(degenerate),
            "unfamiliar_first": .number(unfamiliarFirst),
            "unfamiliar_newest": .number(unfamiliarNewest),
            "pairs": JSONValue(pairs),
            "frechet": JSONValue(frechet), "score_first": .number(scoreFirst),
            "logit_first": .number(logitFirst),
            "score_newest": .number(scoreNewest),
            "logit_newest": .number(logitNewest),
            "wins_first": JSONValue(winsFirst), "wins_newest": JSONValue(winsNewest),
        ]
        guard !measured.isEmpty else { return row }
        return .object(
            (row.members ?? []) + [
                .init("metrics", .object(measured.map { .init($0.name, $0.json) }))
            ])
    }

    /// Reads the object that `json` returns; nil if a required key is missing.
    public init?(json: JSONValue) {
        guard let round = json["round"]?.integerValue, let prompts = json["prompts"]?.integerValue,
            let candidates = json["candidates"]?.integerValue,
            let failed = json["failed"]?.integerValue,
            let degenerate = json["degenerate"]?.doubleValue,
            let unfamiliarFirst = json["unfamiliar_first"]?.doubleValue,
            let unfamiliarNewest = json["unfamiliar_newest"]?.doubleValue,
            let scoreFirst = json["score_first"]?.doubleValue,
            let logitFirst = json["logit_first"]?.doubleValue,
            let scoreNewest = json["score_newest"]?.doubleValue,
            let logitNewest = json["logit_newest"]?.doubleValue
        else { return nil }
        self.init(
            round: round, prompts: prompts, candidates: candidates, failed: failed,
            degenerate: degenerate, unfamiliarFirst: unfamiliarFirst,
            unfamiliarNewest: unfamiliarNewest, pairs: json["pairs"]?.integerValue,
            frechet: json["frechet"]?.doubleValue,
            scoreFirst: scoreFirst, logitFirst: logitFirst, scoreNewest: scoreNewest,
            logitNewest: logitNewest, winsFirst: json["wins_first"]?.doubleValue,
            winsNewest: json["wins_newest"]?.doubleValue,
            measured: (json["metrics"]?.members ?? []).map(RoundMetricValue.init))
    }

    init(
        round: Int, prompts: Int, candidates: Int, failed: Int, degenerate: Double,
        unfamiliarFirst: Double, unfamiliarNewest: Double, pairs: Int?, frechet: Double?,
        scoreFirst: Double, logitFirst: Double, scoreNewest: Double, logitNewest: Double,
        winsFirst: Double?, winsNewest: Double?, measured: [RoundMetricValue] = []
    ) {
        self.round = round
        self.prompts = prompts
        self.candidates = candidates
        self.failed = failed
        self.degenerate = degenerate
        self.unfamiliarFirst = unfamiliarFirst
        self.unfamiliarNewest = unfamiliarNewest
        self.pairs = pairs
        self.frechet = frechet
        self.scoreFirst = scoreFirst
        self.logitFirst = logitFirst
        self.scoreNewest = scoreNewest
        self.logitNewest = logitNewest
        self.winsFirst = winsFirst
        self.winsNewest = winsNewest
        self.measured = measured
    }

    /// Win rate of `new` over `old`, values by prompt: ties count half, averaged over the prompts that
    /// have both; nil if none has.
    static func wins(_ new: [ByteString: [Double]], over old: [ByteString: [Double]]) -> Double? {
        // Sorted, since a floating-point sum depends on its order.
        let shares = new.keys.sorted().compactMap { group -> Double? in
            guard let new = new[group], let old = old[group], !new.isEmpty, !old.isEmpty
            else { return nil }
            var wins = 0.0
            for a in new {
                for b in old { wins += a > b ? 1 : a == b ? 0.5 : 0 }
            }
            return wins / Double(new.count * old.count)
        }
        return shares.isEmpty ? nil : shares.mean
    }
}
