import Frames
import JSON
public import Preference

/// The rows of `ganrm rank`, prompt by prompt.
public struct RankList: Sendable {
    /// A prompt with what became of its candidates.
    public struct Entry: Sendable {
        public let ranked: RankedGroup
        /// Why its candidates cannot be compared; nil if they can.
        public let problem: String?
    }

    /// A prompt that is being read.
    private struct Pending {
        var group: CandidateGroup
        var outcomes: [String: CandidateOutcome] = [:]
        var problem: String?
    }

    /// In the order in which the file names them first.
    public let entries: [Entry]

    public var candidateCount: Int { entries.reduce(0) { $0 + $1.ranked.group.candidates.count } }
    public var excludedCount: Int { entries.reduce(0) { $0 + $1.ranked.excluded.count } }
    public var failedCount: Int { entries.reduce(0) { $0 + $1.ranked.failed.count } }
    public var incomparableCount: Int { entries.count { $0.problem != nil } }

    /// Reads a file. Ranks and margins are computed anew, so that rows may come in any order.
    ///
    /// - Parameter path: `-` is standard input.
    /// - Throws: `GANRMError.unreadable`; `.notRows` with the line that is no row of ranks.
    public init(reading path: String) throws(GANRMError) {
        var pending: [Pending] = []
        var places: [String: Int] = [:]
        for (number, line) in try EvidenceFile.lines(of: path) {
            func refusal(_ reason: String) -> GANRMError {
                .notRows(of: "ganrm rank", path: path, line: number, reason: reason)
            }
            guard let row = try? JSONValue(parsing: line), row.members != nil else {
                throw refusal("not a JSON object")
            }
            let prompt = row["prompt"]?.stringValue
            guard let name = row["group"].map(\.name) ?? prompt else {
                throw refusal("no key \"group\" or \"prompt\"")
            }
            let place = places[name] ?? pending.count
            if place == pending.count {
                places[name] = place
                pending.append(Pending(group: CandidateGroup(name: name, prompt: prompt)))
            }
            guard let input = row["input"]?.stringValue else {
                guard let problem = row["error"]?.stringValue else {
                    throw refusal("no key \"input\"")
                }
                pending[place].problem = problem
                continue
            }
            guard pending[place].outcomes[input] == nil else {
                throw refusal("'\(input)' comes twice in '\(name)'")
            }
            if let reason = row["error"]?.stringValue {
                pending[place].outcomes[input] = .failed(reason)
            } else if let score = row["logit"]?.doubleValue.flatMap({
                CandidateScore(
                    logit: $0, logitSpread: row["logit_spread"]?.doubleValue,
                    unfamiliar: row["unfamiliar"]?.doubleValue,
                    degeneracy: row["degenerate"]?.stringValue.flatMap(Degeneracy.init))
            }) {
                // As they were ranked: by limits that only the ranking knows.
                pending[place].outcomes[input] =
                    row["excluded"]?.stringValue.map { .excluded(score, reason: $0) }
                    ?? .scored(score)
            } else {
                throw refusal("neither a \"logit\" that is a number nor an \"error\"")
            }
            pending[place].group.candidates.append(Candidate(input: input))
        }
        entries = pending.map { pending in
            let ranked = RankedGroup(pending.group, exclusion: .none) {
                pending.outcomes[$0.input] ?? .failed("no outcome")
            }
            return Entry(ranked: ranked, problem: pending.problem ?? ranked.shortfall)
        }
    }
}
