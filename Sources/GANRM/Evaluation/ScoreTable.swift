import Foundation
public import JSON
public import Preference
import Reward
public import Scoring

/// The scores of an evaluation's inputs, made now or read from rows of `ganrm score`.
///
/// Both ways go through rows, so that both give the same figures to the last digit.
public struct ScoreTable: Sendable {
    /// An input without a score, and why.
    public struct Failure: Sendable, Hashable {
        public let input: String
        public let reason: String
    }

    /// In the order of the rows.
    public private(set) var inputs: [ScoredInput] = []
    public private(set) var failures: [Failure] = []
    /// What made the scores, as rows say it: model, precision, sampling, version. Empty before the
    /// first score.
    public private(set) var provenance: [JSONValue.Member] = []
    private var places: [String: Int] = [:]
    private var reasons: [String: String] = [:]
    private var signatures: [String: String] = [:]

    public init() {}

    /// Why a row cannot be taken in.
    struct Refusal: Error {
        let reason: String
    }

    /// Takes a row of a whole input, or also of a single clip; of an input's clips the first one counts.
    mutating func add(_ row: JSONValue, takesClips: Bool = false) throws(Refusal) {
        guard let name = row["input"]?.stringValue else {
            throw Refusal(reason: "not a line of results; is it a file of ganrm score?")
        }
        if let reason = row["error"]?.stringValue {
            fail(name, reason)
            return
        }
        guard let scored = ScoredInput(row: row) else {
            throw Refusal(reason: "no logit that is a number; is it a file of ganrm score?")
        }
        if let place = places[name] {
            // A candidate of two prompts.
            if inputs[place] == scored { return }
            if takesClips, row["clips"] == nil { return }
            throw Refusal(
                reason: "'\(name)' comes twice; rows of whole inputs are needed, not of --per clip")
        }
        if let signature = Provenance.signature(of: row) {
            let kind = row["kind"]?.stringValue ?? ""
            if let first = signatures[kind], first != signature {
                throw Refusal(reason: "made by \(signature), other lines by \(first)")
            }
            signatures[kind] = signature
        }
        if provenance.isEmpty {
            provenance = ["model", "precision", "sampling", "version"].compactMap { key in
                row[key].map { JSONValue.Member(key, $0) }
            }
        }
        places[name] = inputs.count
        inputs.append(scored)
    }

    private mutating func fail(_ input: String, _ reason: String) {
        failures.append(Failure(input: input, reason: reason))
        reasons[input] = reason
    }

    /// The score of an input; nil if it has none.
    public subscript(input: String) -> ScoredInput? { places[input].map { inputs[$0] } }

    /// What became of a candidate.
    public func outcome(of candidate: Candidate) -> CandidateOutcome {
        let input = candidate.input
        if let scored = self[input],
            let score = CandidateScore(
                logit: scored.logit, logitSpread: scored.logitSpread,
                unfamiliar: scored.unfamiliar, degeneracy: scored.degeneracy)
        {
            return .scored(score)
        }
        return .failed(reasons[input] ?? "'\(input)' has no score")
    }

    /// Reads rows of `ganrm score` or `ganrm rank`.
    ///
    /// - Parameters:
    ///   - path: JSON lines; `-` is standard input.
    ///   - takesClips: Whether rows of single clips are taken too: for readers of clips, who want no score
    ///     of the whole from the table.
    ///   - body: Called with each row that has an input.
    /// - Throws: `GANRMError.unreadable`; `.evidence` for a line that is no row, one that comes twice
    ///   and rows of several models.
    public init(
        path: String, takesClips: Bool = false,
        _ body: (JSONValue) throws(GANRMError) -> Void = { _ in }
    ) throws(GANRMError) {
        let reader = try LineReader.opening(path)
        while let (number, line) = try reader.line(of: path) {
            guard let row = try? JSONValue(parsing: line) else {
                throw .notAResultLine(path: path, line: number)
            }
            // A prompt whose candidates could not be compared.
            if row["input"] == nil, row["error"] != nil, row["candidates"] != nil { continue }
            do throws(Refusal) {
                try add(row, takesClips: takesClips)
            } catch {
                throw .evidence("\(path):\(number): \(error.reason)")
            }
            try body(row)
        }
    }

    /// Scores inputs.
    ///
    /// - Parameter onEnd: Called for each input that has ended, with why it has no score or with nil.
    public static func scoring(
        _ requests: [Request], with scorer: Scorer, _ pipeline: EncodingPipeline,
        provenance: Provenance, interruption: Interruption = Interruption(),
        onEnd: (_ failure: String?) -> Void = { _ in }
    ) throws -> ScoreTable {
        var table = ScoreTable()
        let source = RequestSource(requests)
        try scorer.run(
            pipeline, next: { source.next() }, interruption: interruption,
            onEnd: { result in
                let row = ResultRow(result, provenance: provenance)
                do throws(Refusal) {
                    // As it would be read: numbers are rounded in writing.
                    let text = ResultFormat.jsonl.line(row)
                    try table.add((try? JSONValue(parsing: text)) ?? .null)
                    onEnd(row.failure)
                } catch {
                    let name = result.request.input
                    table.fail(name, error.reason)
                    onEnd("'\(name)': \(error.reason)")
                }
            })
        return table
    }
}
