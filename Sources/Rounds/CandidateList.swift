import Foundation
import JSON
import Preference

/// A round's candidates as a file of JSON lines: `group`, `prompt`, `input`, and `error` for one that
/// could not be read.
struct CandidateList {
    /// One for each prompt, in their order.
    var groups: [CandidateGroup]
    /// Why an input gave no embedding.
    var failures: [String: String] = [:]

    init(_ groups: [CandidateGroup], failures: [String: String]) {
        self.groups = groups
        self.failures = failures
    }

    init(path: String, prompts: [String]) throws(RoundsError) {
        groups = prompts.enumerated().map { CandidateGroup(name: String($0), prompt: $1) }
        for line in try readText(path).split(separator: "\n") {
            guard let row = try? JSONValue(parsing: line), let input = row["input"]?.stringValue,
                let number = row["group"]?.stringValue.flatMap({ Int($0) }),
                groups.indices.contains(number)
            else { throw .damagedState(path: path, reason: "a line names no candidate") }
            groups[number].candidates.append(Candidate(input: input))
            if let error = row["error"]?.stringValue { failures[input] = error }
        }
    }

    func write(to path: String) throws(RoundsError) {
        try writeLines(
            groups.flatMap { group in
                group.candidates.map { candidate in
                    var members: [JSONValue.Member] = [
                        .init("group", .string(group.name)),
                        .init("prompt", group.prompt.map { .string($0) } ?? .null),
                        .init("input", .string(candidate.input)),
                    ]
                    if let failure = failures[candidate.input] {
                        members.append(.init("error", .string(failure)))
                    }
                    return .object(members)
                }
            }, to: path)
    }
}
