import JSON
import Preference

/// A round's candidates as a file of JSON lines: `group`, `prompt`, `input`, and `error` for one that
/// could not be read.
struct RoundCandidates {
    /// In the order of their files.
    var groups: [CandidateGroup]
    /// Why an input gave no embedding.
    var failures: [String: String]

    init(_ groups: [CandidateGroup], failures: [String: String]) {
        self.groups = groups
        self.failures = failures
    }

    init(path: String) throws(RoundsError) {
        self.init([], failures: [:])
        for line in try readText(path).split(separator: "\n") {
            guard let row = try? JSONValue(parsing: line), let input = row["input"]?.stringValue,
                let name = row["group"]?.stringValue
            else { throw .damagedState(path: path, reason: "a line names no candidate") }
            if groups.last?.name != name {
                groups.append(CandidateGroup(name: name, prompt: row["prompt"]?.stringValue))
            }
            groups[groups.count - 1].candidates.append(Candidate(input: input))
            if let error = row["error"]?.stringValue { failures[input] = error }
        }
    }

    func write(to path: String) throws(RoundsError) {
        try writeLines(
            groups.flatMap { group in
                group.candidates.map { candidate in
                    .object(
                        group.names + [.init("input", .string(candidate.input))]
                            + (failures[candidate.input].map { [.init("error", .string($0))] }
                                ?? []))
                }
            }, to: path)
    }
}
