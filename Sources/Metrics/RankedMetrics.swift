import OrderedCollections
import Pipeline
public import Preference
import Scoring
public import TextFormats

/// The metrics of candidates in the order in which a reward model ranks them, prompt by prompt.
///
///     var metrics = MetricTable()
///     try metrics.read("rows.jsonl")
///     let candidates = try RankedMetrics(scores: "scores.jsonl", metrics: metrics)
///     print(try BestOfK(candidates).tables.joined(separator: "\n\n"))
///
/// Rows are joined by their inputs and, where both have one, by their prompts; both are compared by bytes.
public struct RankedMetrics: Sendable {
    /// A candidate with its reward and its metrics.
    public struct Candidate: Sendable, Hashable {
        public let input: String
        /// What candidates are ranked by.
        public let logit: Double
        /// Whether it must not win, and therefore stands behind all that may.
        public let isExcluded: Bool
        /// In the order of `RankedMetrics.names`.
        public let values: [Double]
    }

    /// The candidates of a prompt.
    public struct Prompt: Sendable, Hashable {
        public let group: String
        /// Best first: by descending logit, excluded ones last.
        public let candidates: [Candidate]
    }

    /// The metrics.
    public let names: [String]
    /// As the groups of the scores, also those that have no candidate left.
    public let prompts: [Prompt]
    /// What was left out.
    public let omissions: CandidateOmissions
    /// What is needed to reproduce the scores.
    let provenance: [JSONValue.Member]

    /// Joins ranks with metrics.
    ///
    /// - Parameter provenance: Model, precision, sampling and version of the scores.
    /// - Throws: `MetricError.rows` if a candidate has two rows of metrics, or if none has score and metrics.
    public init(
        _ groups: [RankedGroup], metrics: MetricTable, provenance: [JSONValue.Member] = []
    ) throws(MetricError) {
        try self.init(
            groups, metrics: metrics, provenance: provenance, inputsWithoutPrompt: [])
    }

    private init(
        _ groups: [RankedGroup], metrics: MetricTable, provenance: [JSONValue.Member],
        inputsWithoutPrompt: [String]
    ) throws(MetricError) {
        var join = Join(metrics)
        for input in inputsWithoutPrompt { join.leaveOutWithoutPrompt(input) }
        var prompts: [Prompt] = []
        for group in groups {
            for failed in group.failed { join.leaveOutFailed(failed.candidate.input) }
            let scored =
                group.ranked.map { ($0.candidate.input, $0.score.logit, false) }
                + group.excluded.map { ($0.candidate.input, $0.score.logit, true) }
            var candidates: [Candidate] = []
            for (input, logit, isExcluded) in scored {
                guard let values = try join.values(of: input, prompt: group.group.prompt) else {
                    continue
                }
                if isExcluded { join.omissions.excluded += 1 }
                candidates.append(
                    Candidate(input: input, logit: logit, isExcluded: isExcluded, values: values))
            }
            prompts.append(Prompt(group: group.group.name, candidates: candidates))
        }
        join.omissions.withoutScore = join.unusedCount
        guard prompts.contains(where: { !$0.candidates.isEmpty }) else {
            throw .rows(reason: Self.reason(join.omissions))
        }
        names = metrics.names
        self.prompts = prompts
        omissions = join.omissions
        self.provenance = provenance
    }

    /// Why no candidate is left.
    private static func reason(_ omissions: CandidateOmissions) -> String {
        if omissions.otherPrompt > 0 {
            return "no input has score and metrics of one prompt; prompts are compared by bytes"
        }
        if omissions.withoutPrompt > 0 {
            return """
                no candidate with score and metrics has a prompt; take rows of ganrm rank, which name the groups of \
                their candidates
                """
        }
        return """
            no input has both score and metrics; inputs are compared as they are written, so that a/1.png and \
            ./a/1.png are two
            """
    }

    /// Joins rows of scores with metrics.
    ///
    /// A candidate has the group or prompt of its score, else that of its metrics. Rows of `ganrm rank` tell which
    /// candidates must not win; rows of `ganrm score` are judged by the defaults of `CandidateExclusion`.
    ///
    /// - Parameter path: Rows of `ganrm score` or `ganrm rank`; `-` is standard input.
    /// - Throws: `PipelineError` for a file that is not one of rows, or has rows of different models;
    ///   `MetricError.rows`.
    public init(scores path: String, metrics: MetricTable) throws {
        let owners = Dictionary(
            grouping: metrics.entries.filter { $0.input != nil }, by: { ByteString($0.input ?? "") }
        )
        var groups: OrderedDictionary<ByteString, Pending> = [:]
        var inputsWithoutPrompt: OrderedSet<ByteString> = []
        let scores = try ScoreTable(path: path) { row in
            // The table refuses rows without an input, or with neither a score nor an error.
            guard let input = row.input, let outcome = CandidateOutcome(row: row) else { return }
            func add(to group: String, _ prompt: String?) throws(MetricError) {
                var pending = groups[ByteString(group)] ?? Pending(prompt: prompt)
                guard pending.outcomes.updateValue(outcome, forKey: ByteString(input)) == nil else {
                    throw .rows(reason: "\(path): '\(input)' comes twice in '\(group)'")
                }
                groups[ByteString(group)] = pending
            }
            if let group = row.group ?? row.prompt {
                try add(to: group, row.prompt)
                return
            }
            let entries = owners[ByteString(input)] ?? []
            let named = entries.filter { ($0.group ?? $0.prompt) != nil }
            for entry in named {
                if let group = entry.group ?? entry.prompt { try add(to: group, entry.prompt) }
            }
            if named.isEmpty, !inputsWithoutPrompt.append(ByteString(input)).inserted {
                throw MetricError.rows(reason: "\(path): '\(input)' comes twice")
            }
        }
        try self.init(
            groups.map { $0.value.ranked(as: $0.key.text) }, metrics: metrics,
            provenance: scores.provenance, inputsWithoutPrompt: inputsWithoutPrompt.map(\.text))
    }

    /// The rows of a group read so far.
    private struct Pending {
        let prompt: String?
        var outcomes: OrderedDictionary<ByteString, CandidateOutcome> = [:]

        func ranked(as name: String) -> RankedGroup {
            let group = CandidateGroup(
                name: name, prompt: prompt,
                candidates: outcomes.keys.map { Preference.Candidate(input: $0.text) })
            return RankedGroup(group, exclusion: .none) { candidate in
                outcomes[ByteString(candidate.input)] ?? .failed("no score")
            }
        }
    }

    /// The rows of metrics, and which of them have found their candidates.
    private struct Join {
        private let entries: [MetricTable.Entry]
        private var indices: [ByteString: [Int]] = [:]
        private let failed: Set<ByteString>
        private var used: Set<Int> = []
        var omissions = CandidateOmissions()

        init(_ metrics: MetricTable) {
            entries = metrics.entries
            failed = Set(metrics.failedInputs.compactMap(\.self).map { ByteString($0) })
            for (index, entry) in entries.enumerated() {
                if let input = entry.input { indices[input, default: []].append(index) }
            }
        }

        /// Rows of metrics that belong to no candidate.
        var unusedCount: Int { entries.count - used.count }

        /// The metrics of a scored candidate; nil, and counted, if it has none.
        mutating func values(of input: String, prompt: String?) throws(MetricError) -> [Double]? {
            guard let all = indices[input] else {
                leaveOutWithoutMetrics(input)
                return nil
            }
            let matching = all.filter { index in
                guard let prompt, let other = entries[index].prompt else { return true }
                return prompt.hasSameBytes(as: other)
            }
            guard let index = matching.first else {
                omissions.otherPrompt += 1
                return nil
            }
            guard matching.count == 1 else {
                throw .rows(
                    reason: "'\(input)' has several rows of metrics; a candidate has one")
            }
            used.insert(index)
            return entries[index].values
        }

        /// Counts a candidate that has no score.
        mutating func leaveOutFailed(_ input: String) {
            omissions.failedScores += 1
            used.formUnion(indices[input] ?? [])
        }

        /// Counts a candidate that belongs to no prompt.
        mutating func leaveOutWithoutPrompt(_ input: String) {
            guard let all = indices[input] else {
                leaveOutWithoutMetrics(input)
                return
            }
            omissions.withoutPrompt += 1
            used.formUnion(all)
        }

        private mutating func leaveOutWithoutMetrics(_ input: String) {
            if failed.contains(input) {
                omissions.failedMetrics += 1
            } else {
                omissions.withoutMetrics += 1
            }
        }
    }
}

extension CandidateOutcome {
    /// Reads a row of `ganrm score` or `ganrm rank`; nil if it has neither a score nor an error.
    fileprivate init?(row: ScoreRow) {
        if let reason = row.failure {
            self = .failed(reason)
            return
        }
        guard let score = CandidateScore(row: row) else { return nil }
        // The limits behind exclusions are options of `ganrm rank`, whose rows have ranks.
        let reason = row.rank != nil ? row.exclusion : CandidateExclusion().reason(for: score)
        self = reason.map { .excluded(score, reason: $0) } ?? .scored(score)
    }
}
