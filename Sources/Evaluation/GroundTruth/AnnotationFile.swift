import Files
import Foundation
package import Pipeline
import TextFormats

/// Reads ground-truth files as numbered lines, so that errors can be reported as `file:line`.
package enum AnnotationFile {
    /// The non-blank lines of a file, with their line numbers from 1.
    ///
    /// - Parameter path: `-` is standard input.
    package static func lines(of path: String) throws(GANRMError) -> [(number: Int, text: String)] {
        let reader = try LineReader.opening(path)
        var lines: [(number: Int, text: String)] = []
        while let line = try reader.line() { lines.append(line) }
        return lines
    }

    /// The rows of a file of ratings: a table if the name ends in `.csv`, else JSON lines. A line
    /// that is not valid JSON becomes `.null`.
    static func ratings(of path: String) throws(GANRMError) -> [(number: Int, row: JSONValue)] {
        guard path.lowercased().hasSuffix(".csv") else {
            return try lines(of: path).map {
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
    /// - Throws: `GANRMError.file`; `.groundTruth` with the line of a syntax error.
    static func table(of path: String) throws(GANRMError) -> CSVTable {
        let text = try text(of: path)
        do throws(CSVTable.ParseError) {
            return try CSVTable(parsing: text)
        } catch {
            throw .groundTruth("\(path):\(error.line): \(error.reason)")
        }
    }

    /// Reads a whole file as UTF-8.
    ///
    /// - Parameter path: `-` is standard input.
    /// - Throws: `GANRMError.file`.
    static func text(of path: String) throws(GANRMError) -> String {
        try WholeFile.text(path, failing: GANRMError.file)
    }
}
