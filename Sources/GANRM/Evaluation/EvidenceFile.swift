import CSV
import Foundation
import JSON

/// Reads the files that evidence comes in, with line numbers for complaints.
enum EvidenceFile {
    /// The lines that are not blank, numbered from 1.
    ///
    /// - Parameter path: `-` is standard input.
    static func lines(of path: String) throws(GANRMError) -> [(number: Int, text: String)] {
        let reader = try LineReader.opening(path)
        var lines: [(number: Int, text: String)] = []
        while let line = try reader.line(of: path) { lines.append(line) }
        return lines
    }

    /// The ratings of a JSONL file or, by its name, of a `.csv` table; a line that is none is null.
    static func ratings(of path: String) throws(GANRMError) -> [(number: Int, row: JSONValue)] {
        guard path.lowercased().hasSuffix(".csv") else {
            return try lines(of: path).map {
                ($0.number, (try? JSONValue(parsing: $0.text)) ?? .null)
            }
        }
        let table = try table(of: path)
        let names = Set(table.header)
        guard names.contains("rating"), names.contains("input") || names.contains("path") else {
            throw .evidence("\(path):1: the header names no columns \"input\" and \"rating\"")
        }
        return table.rows.map { row in
            let members = zip(table.header, row.fields).map {
                JSONValue.Member($0, .string($1))
            }
            return (row.line, .object(members))
        }
    }

    /// A table of comma-separated values with a header.
    static func table(of path: String) throws(GANRMError) -> CSVTable {
        let text = try text(of: path)
        do throws(CSVTable.Refusal) {
            return try CSVTable(parsing: text)
        } catch {
            throw .evidence("\(path):\(error.line): \(error.reason)")
        }
    }

    static func text(of path: String) throws(GANRMError) -> String {
        do {
            let data =
                path == "-"
                ? try FileHandle.standardInput.readToEnd() ?? Data()
                : try Data(contentsOf: URL(fileURLWithPath: path))
            guard let text = String(validating: data, as: UTF8.self) else {
                throw GANRMError.unreadable(path: path, reason: "it is not UTF-8")
            }
            return text
        } catch let error as GANRMError {
            throw error
        } catch {
            throw .unreadable(path: path, reason: error.localizedDescription)
        }
    }
}

extension LineReader {
    /// - Throws: `GANRMError.unreadable`, as `line(of:)`.
    static func opening(_ path: String) throws(GANRMError) -> LineReader {
        do throws(Refusal) {
            return try LineReader(path: path)
        } catch {
            throw .unreadable(path: path, reason: error.description)
        }
    }

    func line(of path: String) throws(GANRMError) -> (number: Int, text: String)? {
        do throws(Refusal) {
            return try next()
        } catch {
            throw .unreadable(path: path, reason: error.description)
        }
    }
}
