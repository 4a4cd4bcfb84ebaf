import Files
import TextFormats

/// Reads ground-truth files as numbered rows, so that errors can be reported as `file:line`.
enum AnnotationFile {
    /// The rows of a file of ratings: a table if the name ends in `.csv`, else JSON lines. A line
    /// that is not valid JSON becomes `.null`.
    static func ratings(of path: String) throws(EvaluationError) -> [(number: Int, row: JSONValue)]
    {
        guard path.lowercased().hasSuffix(".csv") else {
            return try LineReader.lines(of: path, failing: EvaluationError.file).map {
                ($0.number, (try? JSONValue(parsing: $0.text)) ?? .null)
            }
        }
        let table = try table(of: path)
        let names = Set(table.header)
        guard names.contains("rating"), names.contains("input") || names.contains("path") else {
            throw .groundTruth("\(path):1: the header names no columns \"input\" and \"rating\"")
        }
        return table.rows.map { row in
            let members = zip(table.header, row.fields).map {
                JSONValue.Member($0, .string($1))
            }
            return (row.line, .object(members))
        }
    }

    /// Reads a CSV file with a header.
    ///
    /// - Throws: `EvaluationError.file`; `.groundTruth` with the line of a syntax error.
    static func table(of path: String) throws(EvaluationError) -> CSVTable {
        let text = try WholeFile.text(path, failing: EvaluationError.file)
        do throws(CSVTable.ParseError) {
            return try CSVTable(parsing: text)
        } catch {
            throw .groundTruth("\(path):\(error.line): \(error.reason)")
        }
    }
}
