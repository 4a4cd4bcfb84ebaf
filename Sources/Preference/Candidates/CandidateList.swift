import Media
import TextFormats

/// All candidates of a run, grouped by prompt.
public struct CandidateList: Sendable {
    /// In order of first appearance.
    public private(set) var groups: [CandidateGroup] = []
    /// One sentence for each line or file that yields no candidate.
    public private(set) var failures: [String] = []

    private var groupIndices: [String: Int] = [:]
    private var members: Set<Member> = []
    private var promptNumbers: [String: Int] = [:]

    private struct Member: Hashable {
        let group: Int
        let input: String
    }

    init() {}

    mutating func fail(_ sentence: String) { failures.append(sentence) }

    /// Adds a candidate to its group, unless it is already there.
    mutating func add(
        _ candidate: Candidate, to name: String, prompt: String? = nil, number: Int? = nil
    ) {
        let index = group(name, prompt: prompt)
        if let number { promptNumbers[name] = number }
        guard members.insert(Member(group: index, input: candidate.input)).inserted else { return }
        groups[index].candidates.append(candidate)
    }

    /// The index of a group, which is created if missing.
    @discardableResult
    mutating func group(
        _ name: String, prompt: String? = nil, extras: [JSONValue.Member] = []
    ) -> Int {
        if let index = groupIndices[name] {
            if groups[index].prompt == nil { groups[index].prompt = prompt }
            return index
        }
        groupIndices[name] = groups.count
        groups.append(CandidateGroup(name: name, prompt: prompt, extras: extras))
        return groups.count - 1
    }

    /// Assigns the prompts of a list to the groups that have none.
    mutating func fill(from prompts: PromptList) throws(PreferenceError) {
        try prompts.fill(&groups, numbers: promptNumbers)
    }

    /// Replaces grid files by their cells.
    mutating func expand(_ grid: CandidateGrid, options: MediaOptions) {
        let outcomes = GridExpansion(grid, options: options)
            .cells(of: groups.flatMap { $0.candidates.map(\.input) })
        for index in groups.indices {
            groups[index].candidates = groups[index].candidates.flatMap { candidate in
                switch outcomes[candidate.input] {
                case .cells(let cells)?:
                    return cells.map { Candidate(input: $0, extras: candidate.extras) }
                case .failed(let reason)?:
                    failures.append(reason)
                    return []
                case nil: return [candidate]
                }
            }
        }
        groups.removeAll { $0.candidates.isEmpty }
        // The indices of groups have changed.
        groupIndices = [:]
        members = []
    }

    /// Replaces each candidate by the result of `body`. If that throws a `MediaError` other than
    /// `writeFailed`, the candidate is removed and the error added to the failures.
    ///
    /// - Parameter body: Receives a candidate and its index in the group.
    mutating func replaceCandidates(_ body: (Candidate, Int) throws -> Candidate) throws {
        for index in groups.indices {
            groups[index].candidates = try groups[index].candidates.enumerated().compactMap {
                position, candidate in
                do {
                    return try body(candidate, position)
                } catch let error as MediaError {
                    if case .writeFailed = error { throw error }
                    failures.append(error.description)
                    return nil
                }
            }
        }
    }
}
