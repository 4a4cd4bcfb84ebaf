import Files
import Foundation
import TextFormats

/// Reads ground-truth files as numbered rows, so that errors can be reported as `file:line`.
enum AnnotationFile {
    /// The rows of a file of ratings: a table if the name ends in `.csv`, else JSON lines. A line
    /// that is not valid JSON becomes `.null`, one that is not UTF-8 nil.
    static func ratings(
        of path: String
    ) throws(EvaluationError) -> [(number: Int, row: JSONValue?)] {
        guard path.lowercased().hasByteSuffix(".csv") else { return try rows(of: path) }
        let table = try table(of: path)
        let names = Set(table.header.map { ByteString($0) })
        guard names.contains("rating"), names.contains("input") || names.contains("path") else {
            throw .groundTruth("\(path):1: the header names no columns \"input\" and \"rating\"")
        }
        return table.rows.map { row in
            let members = zip(table.header, row.fields).map {
                JSONValue.Member($0, .string($1))
            }
            return (row.line, row.isUTF8 ? .object(members) : nil)
        }
    }

    /// JSON lines that are not blank. One that is not valid JSON becomes `.null`, one that is not
    /// UTF-8 nil.
    static func rows(
        of path: String
    ) throws(EvaluationError) -> [(number: Int, row: JSONValue?)] {
        let reader = try LineReader(path: path, failing: EvaluationError.file)
        var rows: [(number: Int, row: JSONValue?)] = []
        while let line = try reader.nextLine() {
            let row = line.isUTF8 ? (try? JSONValue(parsing: line.text)) ?? .null : nil
            rows.append((line.number, row))
        }
        return rows
    }

    /// Reads a CSV file with a header; a row that is not UTF-8 is marked.
    ///
    /// - Throws: `EvaluationError.file`; `.groundTruth` with the line of a syntax error.
    static func table(of path: String) throws(EvaluationError) -> CSVTable {
        let bytes = try WholeFile.data(path, failing: EvaluationError.file)
        do throws(CSVTable.ParseError) {
            return try CSVTable(parsing: bytes)
        } catch {
            throw .groundTruth("\(path):\(error.line): \(error.reason)")
        }
    }
}
