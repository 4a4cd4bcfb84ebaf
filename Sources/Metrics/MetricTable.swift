import Files
import Pipeline
public import Scoring
import Statistics
import TextFormats

/// The values of metrics of many inputs: rows of `ganrm metrics` that belong together.
public struct MetricTable: Sendable {
    /// The row of an input that has values.
    struct Entry: Sendable {
        /// Nil if another program dropped it.
        var input: String?
        /// The name of the candidates that belong together; nil for that of the prompt.
        var group: String?
        var prompt: String?
        /// In the order of `names`.
        var values: [Double]
    }

    /// The metrics that each row has, in the order of the first row.
    public private(set) var names: [String] = []
    /// In the order of the rows.
    private(set) var entries: [Entry] = []
    /// Inputs whose metrics failed, in the order of the rows; nil where the row does not name it.
    private(set) var failedInputs: [String?] = []
    /// Model, precision, sampling and version behind the values, copied from the first row with values.
    private(set) var provenance: [JSONValue.Member] = []
    private var signatures: RowSignatures = .init()

    /// Number of inputs without values.
    public var failureCount: Int { failedInputs.count }

    /// Values that a metric may have; sums of larger ones could overflow.
    private static let range = -1e12...1e12

    public init() {}

    /// Reads rows and adds them.
    ///
    /// - Parameter path: JSON lines; `-` is standard input.
    /// - Throws: `PipelineError.file`; `MetricError.rows` with file and line.
    public mutating func read(_ path: String) throws {
        let reader = try LineReader(path: path, failing: PipelineError.file)
        while let (number, line) = try reader.next() {
            do {
                try add(ScoreRow(parsing: line))
            } catch let error as MetricError {
                throw MetricError.rows(reason: "\(path):\(number): \(error)")
            } catch {
                throw MetricError.rows(reason: "\(path):\(number): the line is no row: \(error)")
            }
        }
    }

    /// Adds a row.
    ///
    /// - Throws: `MetricError.rows` if it has no metrics, or other ones, or another model, precision or version than the
    ///   rows before it.
    public mutating func add(_ row: ScoreRow) throws(MetricError) {
        if row.hasFailed {
            failedInputs.append(row.input)
            return
        }
        guard let metrics = row.metrics, !metrics.isEmpty else {
            throw .rows(
                reason:
                    "a row of '\(row.input ?? "?")' has no metrics; were they made by ganrm metrics?"
            )
        }
        if let metric = metrics.first(where: { !Self.range.contains($0.value) }) {
            throw .rows(
                reason:
                    "the row of '\(row.input ?? "?")' has \(metric.name) \(metric.value), which no metric gives"
            )
        }
        if let difference = signatures.difference(of: row) {
            throw .rows(reason: "the row of '\(row.input ?? "?")' is \(difference)")
        }
        if names.isEmpty {
            names = metrics.map(\.name)
            provenance = row.provenance
        }
        guard metrics.map(\.name) == names else {
            throw .rows(
                reason: "the row of '\(row.input ?? "?")' has other metrics than the first row")
        }
        entries.append(
            Entry(
                input: row.input, group: row.group, prompt: row.prompt,
                values: metrics.map(\.value)))
    }
}
