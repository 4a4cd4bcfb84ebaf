import Files
import OrderedCollections
import Pipeline
public import Preference
import Scoring
import TextFormats

/// The rows of `ganrm rank`, grouped by prompt.
public struct RankList: Sendable {
    /// A prompt with its ranked, excluded and failed candidates.
    public struct Entry: Sendable {
        public let ranked: RankedGroup
        /// The reason why the candidates cannot be compared; nil if they can.
        public let problem: String?
    }

    /// The rows of a prompt read so far.
    private struct Pending {
        let prompt: String?
        var outcomes: OrderedDictionary<ByteString, CandidateOutcome> = [:]
        var problem: String?
    }

    /// The prompts, in order of first appearance in the file.
    public let entries: [Entry]
    /// Model, encoder, precision and version behind the scores, as text; several if the rows differ,
    /// for example in the encoders of images and videos. Empty if no row names a model.
    public let provenance: [String]
    /// Where the candidates are looked for.
    let folders: MediaFolders

    public var candidateCount: Int { entries.reduce(0) { $0 + $1.ranked.group.candidates.count } }
    public var excludedCount: Int { entries.reduce(0) { $0 + $1.ranked.excluded.count } }
    public var failedCount: Int { entries.reduce(0) { $0 + $1.ranked.failed.count } }
    public var incomparableCount: Int { entries.count { $0.problem != nil } }

    /// Reads a file of rows in any order; ranks and margins are recomputed.
    ///
    /// - Parameter path: JSON lines; `-` is standard input.
    /// - Throws: `PagesError.file`; `.notARankRow` with the first line that is none.
    public init(reading path: String) throws(PagesError) {
        var pending: OrderedDictionary<ByteString, Pending> = [:]
        var provenance: OrderedSet<ByteString> = []
        for (number, line) in try LineReader.lines(of: path, failing: PagesError.file) {
            func refusal(_ reason: String) -> PagesError {
                .notARankRow(path: path, line: number, reason: reason)
            }
            guard let json = try? JSONValue(parsing: line), json.members != nil else {
                throw refusal("not a JSON object")
            }
            let row = ScoreRow(json)
            if let text = Self.provenance(of: row) { provenance.append(ByteString(text)) }
            guard let name = row.group ?? row.prompt else {
                throw refusal("no key \"group\" or \"prompt\"")
            }
            let new = Pending(prompt: row.prompt)
            let key = ByteString(name)
            guard let input = row.input else {
                guard let problem = row.failure else {
                    throw refusal("no key \"input\"")
                }
                pending[key, default: new].problem = problem
                continue
            }
            guard pending[key]?.outcomes[ByteString(input)] == nil else {
                throw refusal("'\(input)' comes twice in '\(name)'")
            }
            if let reason = row.failure {
                pending[key, default: new].outcomes[ByteString(input)] = .failed(reason)
            } else if let score = CandidateScore(row: row) {
                // Exclusions are taken from the rows: their limits were options of `ganrm rank`.
                pending[key, default: new].outcomes[ByteString(input)] =
                    row.exclusion.map { .excluded(score, reason: $0) } ?? .scored(score)
            } else {
                throw refusal("neither a \"logit\" that is a number nor an \"error\"")
            }
        }
        self.provenance = provenance.map(\.text)
        folders = MediaFolders(of: path)
        entries = pending.map { name, pending in
            let group = CandidateGroup(
                name: name.text, prompt: pending.prompt,
                candidates: pending.outcomes.keys.map { Candidate(input: $0.text) })
            let ranked = RankedGroup(group, exclusion: .none) { candidate in
                guard let outcome = pending.outcomes[ByteString(candidate.input)] else {
                    preconditionFailure("the candidates are those with an outcome")
                }
                return outcome
            }
            return Entry(ranked: ranked, problem: pending.problem ?? ranked.comparisonFailure)
        }
    }

    /// The provenance as text: `model default (8c193f3e00fc), encoder
    /// dinov2-small-imgfocus@3c653e471eea, precision bf16, ganrm 0.1.0`; nil if the row names no model.
    private static func provenance(of row: ScoreRow) -> String? {
        guard let model = row.model else { return nil }
        let name = model.name ?? "of unknown name"
        let parts = [
            "model \(name)" + (model.fingerprint.map { " (\($0))" } ?? ""),
            model.encoder.map { "encoder \($0)" }, row.precision.map { "precision \($0)" },
            row.version.map { "ganrm \($0)" },
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }
}
