import Foundation
import Media
import Preference

/// How a generator's files belong to prompts.
public struct OutputLayout: Sendable, Hashable {
    /// The number of the first prompt in file names.
    public var first = 0

    public init() {}

    mutating func read(from section: inout SettingsReader) throws(RoundsError) {
        try section.read("first", &first, in: 0...1)
    }

    /// What the layout depends on, to compare it with what it was.
    var description: String { "numbers from \(first)" }

    /// The files of a folder, by prompt.
    func groups(in folder: String, prompts: [String]) -> [CandidateGroup] {
        var groups = prompts.enumerated().map { number, prompt in
            CandidateGroup(name: String(number), prompt: prompt)
        }
        for case .success(let source) in InputExpander.expand(folder) {
            let name = source.description.dropFirst(folder.count + 1)
            guard let number = Int(name.prefix { $0.isNumber }),
                groups.indices.contains(number - first)
            else { continue }
            groups[number - first].candidates.append(Candidate(input: source.description))
        }
        return groups
    }
}
