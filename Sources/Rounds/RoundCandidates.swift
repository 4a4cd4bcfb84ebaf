import Preference
import Scoring
import TextFormats

/// A round's candidates, stored as JSON lines: `group`, `prompt`, `input`, and `error` for an input
/// that could not be read.
struct RoundCandidates {
    /// In path order.
    var groups: [CandidateGroup]
    /// Error messages by input, for inputs without an embedding.
    var failures: [ByteString: String]

    init(_ groups: [CandidateGroup], failures: [ByteString: String]) {
        self.groups = groups
        self.failures = failures
    }

    init(path: String) throws(RoundsError) {
        self.init([], failures: [:])
        for line in try readText(path).split(separator: "\n") {
            guard let row = try? ScoreRow(parsing: line), let input = row.input,
                let name = row[.group]?.stringValue
            else { throw .damagedState(path: path, reason: "a line names no candidate") }
            if groups.last.map({ !$0.name.hasSameBytes(as: name) }) ?? true {
                groups.append(CandidateGroup(name: name, prompt: row.prompt))
            }
            groups[groups.count - 1].candidates.append(Candidate(input: input))
            if let failure = row.failure { failures[input] = failure }
        }
    }

    func write(to path: String) throws(RoundsError) {
        try writeLines(
            groups.flatMap { group in
                group.candidates.map { candidate in
                    var row = ScoreRow(members: group.names)
                    row.input = candidate.input
                    row.failure = failures[candidate.input]
                    return row
                }
            }, to: path)
    }
}
