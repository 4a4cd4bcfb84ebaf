import CSV
import Foundation
import JSON

/// Reads lists of candidates: JSON lines or a table.
///
/// A JSON line is a prompt with its `candidates` (texts, or objects with `input`), or a single candidate
/// with `input` (or `path`, `video`, `image`) and `prompt`; a `.csv` table has a candidate in each row. `group`
/// keeps prompts of equal words apart. Further keys are carried. A row of `ganrm score` or `ganrm rank` is
/// such a line; what these wrote beside the input is left out.
struct CandidateManifest {
    /// Where a candidate goes that does not say it.
    let nameless: (_ input: String) -> NamePattern.Match
    private(set) var list: CandidateList

    /// Keys of results, which would stand for the old ones.
    private static let results = ResultKeys.all.union(["rank", "margin"])
    private static let inputs = ["input", "path", "video", "image"]
    private static let own: Set = results.union(inputs).union(["prompt", "group", "candidates"])

    init(
        into list: CandidateList, nameless: @escaping (_ input: String) -> NamePattern.Match
    ) {
        self.list = list
        self.nameless = nameless
    }

    /// - Parameter path: A `.csv` table, or JSON lines; `-` is standard input.
    /// - Throws: `PreferenceError`; a line that names no candidate is a failure of the list.
    mutating func read(_ path: String) throws(PreferenceError) {
        guard !path.lowercased().hasSuffix(".csv") else {
            try readTable(path)
            return
        }
        do throws(LineReader.Refusal) {
            let reader = try LineReader(path: path)
            while let (number, line) = try reader.next() {
                let place = "\(path):\(number)"
                do throws(JSONValue.Refusal) {
                    add(try JSONValue(parsing: line), place: place)
                } catch {
                    list.fail("\(place): the line is not valid JSON: \(error)")
                }
            }
        } catch {
            throw .unreadable(path: path, reason: error.description)
        }
    }

    private mutating func readTable(_ path: String) throws(PreferenceError) {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw .unreadable(path: path, reason: error.localizedDescription)
        }
        let table: CSVTable
        do throws(CSVTable.Refusal) {
            table = try CSVTable(parsing: text)
        } catch {
            throw .table(place: "\(path):\(error.line)", reason: error.reason)
        }
        for row in table.rows {
            let fields = zip(table.header, row.fields).map { name, field in
                // Several candidates in a cell are a JSON array; all else is text.
                JSONValue.Member(
                    name,
                    name == "candidates"
                        ? (try? JSONValue(parsing: field)) ?? .string(field) : .string(field))
            }
            add(.object(fields), place: "\(path):\(row.line)")
        }
    }

    /// Takes a line; one that names no candidate is a failure of the list.
    mutating func add(_ row: JSONValue, place: String) {
        let prompt = row["prompt"].map(\.name)
        let group = row["group"].map(\.name) ?? prompt
        let extras = (row.members ?? []).filter { !Self.own.contains($0.key) }
        if let candidates = row["candidates"]?.arrayValue {
            guard let group else {
                list.fail("\(place): candidates without \"prompt\" or \"group\"")
                return
            }
            list.group(group, prompt: prompt, extras: extras)
            for value in candidates {
                guard let input = value.stringValue ?? Self.input(of: value) else {
                    list.fail(
                        "\(place): a candidate is neither a text nor an object with \"input\"")
                    continue
                }
                let own = (value.members ?? []).filter { !Self.own.contains($0.key) }
                list.add(Candidate(input: input, extras: own), to: group, prompt: prompt)
            }
        } else if let input = Self.input(of: row) {
            add(Candidate(input: input, extras: extras), group: group, prompt: prompt)
        } else if row["error"] == nil || row["candidates"] == nil {
            list.fail("\(place): no \"candidates\" and no \"input\" that is a text")
        }
    }

    private mutating func add(_ candidate: Candidate, group: String?, prompt: String?) {
        if let group {
            list.add(candidate, to: group, prompt: prompt)
        } else {
            let match = nameless(candidate.input)
            list.add(candidate, to: match.group, prompt: match.prompt, number: match.number)
        }
    }

    private static func input(of row: JSONValue) -> String? {
        inputs.lazy.compactMap { row[$0]?.stringValue }.first
    }
}
