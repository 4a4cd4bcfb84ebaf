import Files
import Foundation
import Scoring
import TextFormats

/// Reads lists of candidates: JSON lines or a CSV table.
///
/// A JSON line is a prompt with its `candidates` (strings, or objects with `input`), or a single
/// candidate with `input` (or `path`, `video`, `image`) and `prompt`; a `.csv` table has one candidate
/// per row. `group` distinguishes prompts with equal text. Other keys are passed through. Rows of
/// `ganrm score` and `ganrm rank` are valid lines; their result keys are dropped.
struct CandidateManifest {
    /// The group of a candidate whose row has neither `group` nor `prompt`.
    let defaultGroup: (_ input: String) -> NamePattern.Match
    private(set) var list: CandidateList

    private static let inputKeys = [ScoreRow.Key.input.rawValue, "path", "video", "image"]
    /// Keys that are not passed through; new results replace those of results.
    private static let reservedKeys = Set(
        (ScoreRow.Key.allCases.map(\.rawValue) + inputKeys).map { ByteString($0) })

    init(
        into list: CandidateList, defaultGroup: @escaping (_ input: String) -> NamePattern.Match
    ) {
        self.list = list
        self.defaultGroup = defaultGroup
    }

    /// Reads a file and adds its candidates to the list.
    ///
    /// - Parameter path: A `.csv` table, or JSON lines; `-` is standard input.
    /// - Throws: `PreferenceError`; a line that names no candidate, or is not UTF-8, is added to the
    ///   list's failures.
    mutating func read(_ path: String) throws(PreferenceError) {
        guard !path.lowercased().hasByteSuffix(".csv") else {
            try readTable(path)
            return
        }
        let reader = try LineReader(path: path, failing: PreferenceError.file)
        while let line = try reader.nextLine() {
            let location = "\(path):\(line.number)"
            guard line.isUTF8 else {
                list.fail("\(location): the line is not UTF-8")
                continue
            }
            do throws(JSONValue.ParseError) {
                add(try JSONValue(parsing: line.text), location: location)
            } catch {
                list.fail("\(location): the line is not valid JSON: \(error)")
            }
        }
    }

    private mutating func readTable(_ path: String) throws(PreferenceError) {
        let bytes = try WholeFile.data(path, failing: PreferenceError.file)
        let table: CSVTable
        do throws(CSVTable.ParseError) {
            table = try CSVTable(parsing: bytes)
        } catch {
            throw .table(location: "\(path):\(error.line)", reason: error.reason)
        }
        for row in table.rows {
            guard row.isUTF8 else {
                list.fail("\(path):\(row.line): the line is not UTF-8")
                continue
            }
            let fields = zip(table.header, row.fields).map { name, field in
                // Several candidates in a cell are a JSON array; all else is text.
                JSONValue.Member(
                    name,
                    name == ScoreRow.Key.candidates.rawValue
                        ? (try? JSONValue(parsing: field)) ?? .string(field) : .string(field))
            }
            add(.object(fields), location: "\(path):\(row.line)")
        }
    }

    /// Adds a row; one that names no candidate is added to the list's failures.
    mutating func add(_ json: JSONValue, location: String) {
        let row = ScoreRow(json)
        let prompt = row[.prompt]?.name
        let group = row.group ?? prompt
        let extras = Self.extras(of: row)
        if let candidates = row[.candidates]?.arrayValue {
            guard let group else {
                list.fail("\(location): candidates without \"prompt\" or \"group\"")
                return
            }
            list.addGroup(group, prompt: prompt, extras: extras)
            for value in candidates {
                let candidate = ScoreRow(value)
                guard let input = value.stringValue ?? Self.input(of: candidate) else {
                    list.fail(
                        "\(location): a candidate is neither a text nor an object with \"input\"")
                    continue
                }
                guard Self.isPath(input) else {
                    list.fail("\(location): a path with a zero byte names no file")
                    continue
                }
                list.add(
                    Candidate(input: input, extras: Self.extras(of: candidate)), to: group,
                    prompt: prompt)
            }
        } else if let input = Self.input(of: row) {
            guard Self.isPath(input) else {
                list.fail("\(location): a path with a zero byte names no file")
                return
            }
            add(Candidate(input: input, extras: extras), group: group, prompt: prompt)
        } else if !row.hasFailed || row[.candidates] == nil {
            list.fail("\(location): no \"candidates\" and no \"input\" that is a text")
        }
    }

    private mutating func add(_ candidate: Candidate, group: String?, prompt: String?) {
        if let group {
            list.add(candidate, to: group, prompt: prompt)
        } else {
            let match = defaultGroup(candidate.input)
            list.add(candidate, to: match.group, prompt: match.prompt, number: match.number)
        }
    }

    /// Whether a text can be a path: C functions would open the file that the text before a zero
    /// byte names.
    private static func isPath(_ text: String) -> Bool { !text.utf8.contains(0) }

    private static func input(of row: ScoreRow) -> String? {
        inputKeys.lazy.compactMap { row[$0]?.stringValue }.first
    }

    private static func extras(of row: ScoreRow) -> [JSONValue.Member] {
        row.members.filter { !reservedKeys.contains($0.key) }
    }
}
