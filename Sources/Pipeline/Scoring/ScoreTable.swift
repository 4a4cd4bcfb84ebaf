import Files
import OrderedCollections
public import Preference
import Reward
public import Scoring
public import TextFormats

/// The scores of inputs, computed by `InputScoring` or read from rows of `ganrm score`.
///
/// Both ways give identical results, since `ScoreRow` has the values that its text has.
public struct ScoreTable: Sendable {
    /// An input without a score, and the reason.
    public struct Failure: Sendable, Hashable {
        public let input: String
        public let reason: String

        package init(input: String, reason: String) {
            self.input = input
            self.reason = reason
        }

        /// The row of the input.
        package var row: ScoreRow {
            var row = ScoreRow()
            row.input = input
            row.failure = reason
            return row
        }
    }

    /// Scored inputs, in the order of the rows.
    public var inputs: [ScoredInput] { inputsByName.values.elements }
    public private(set) var failures: [Failure] = []
    /// Model, precision, sampling and version behind the scores, copied from the first row with a
    /// score; empty before it.
    public private(set) var provenance: [JSONValue.Member] = []
    private var inputsByName: OrderedDictionary<ByteString, ScoredInput> = [:]
    /// Failed input → reason.
    private var reasons: [ByteString: String] = [:]
    /// Rejects rows of different models.
    private var signatures = RowSignatures()

    init() {}

    /// The scores of rows, each of an input of its own; a row that has none is a failure.
    package init(rows: some Sequence<ScoreRow>) {
        for row in rows { _ = add(row, of: Request(input: row.input ?? "")) }
    }

    /// The reason why a row is rejected.
    private struct RowError: Error {
        let reason: String
    }

    /// Adds the row of a request.
    ///
    /// - Returns: Why the request has no score; nil if it has.
    mutating func add(_ row: ScoreRow, of request: Request) -> String? {
        do throws(RowError) {
            try add(row)
            return row.failure
        } catch {
            fail(request.input, error.reason)
            return "'\(request.input)': \(error.reason)"
        }
    }

    /// Adds a row.
    ///
    /// - Parameter acceptsClipRows: Whether rows of single clips are accepted; the first clip of an
    ///   input is kept.
    private mutating func add(_ row: ScoreRow, acceptsClipRows: Bool = false) throws(RowError) {
        guard let name = row.input else {
            throw RowError(reason: "not a line of results; is it a file of ganrm score?")
        }
        if let reason = row.failure {
            fail(name, reason)
            return
        }
        guard let scored = ScoredInput(row: row) else {
            let hasLogit = row.logit.map(Score.isWithinLimit) ?? false
            throw RowError(
                reason: hasLogit
                    ? "score, logit_spread, probability or unfamiliar is not a number up to 1e38"
                    : "no logit that is a number up to 1e38; is it a file of ganrm score?")
        }
        let key = ByteString(name)
        if let known = inputsByName[key] {
            // The same file may be a candidate of two prompts.
            if known == scored { return }
            if acceptsClipRows, row[.clips] == nil { return }
            throw RowError(
                reason: "'\(name)' comes twice; rows of whole inputs are needed, not of --per clip")
        }
        if let difference = signatures.difference(of: row) { throw RowError(reason: difference) }
        if provenance.isEmpty { provenance = row.provenance }
        inputsByName[key] = scored
    }

    private mutating func fail(_ input: String, _ reason: String) {
        failures.append(Failure(input: input, reason: reason))
        reasons[input] = reason
    }

    /// The score of an input; nil if it has none.
    public subscript(input: String) -> ScoredInput? { inputsByName[ByteString(input)] }

    /// The score of a candidate, or the reason why it has none.
    public func outcome(of candidate: Candidate) -> CandidateOutcome {
        let input = candidate.input
        if let scored = self[input],
            let score = CandidateScore(
                logit: scored.logit, value: scored.score, logitSpread: scored.logitSpread,
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
    ///   - acceptsClipRows: Whether rows of single clips are accepted, for callers that read clips in
    ///     `body` and do not need a score per input.
    ///   - body: Called with each row that has an input.
    /// - Throws: `PipelineError.file`; `.notAResultLine` for a line that is not a row;
    ///   `.invalidRow` for a duplicate input or rows of different models; and what `body` throws.
    public init(
        path: String, acceptsClipRows: Bool = false,
        _ body: (ScoreRow) throws -> Void = { _ in }
    ) throws {
        let reader = try LineReader(path: path, failing: PipelineError.file)
        while let (number, line) = try reader.next() {
            let row = try ScoreRow(parsing: line, path: path, line: number)
            // The error row of a prompt whose candidates could not be compared.
            if row[.input] == nil, row.hasFailed, row[.candidates] != nil { continue }
            do throws(RowError) {
                try add(row, acceptsClipRows: acceptsClipRows)
            } catch {
                throw PipelineError.invalidRow(path: path, line: number, reason: error.reason)
            }
            try body(row)
        }
    }
}
