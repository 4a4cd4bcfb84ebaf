import Frames
import JSON
import Media

/// All candidates of a run, grouped by prompt.
public struct CandidateList: Sendable {
    /// In the order in which they were met.
    public private(set) var groups: [CandidateGroup] = []
    /// Lines and files that name no candidate: a sentence each.
    public private(set) var failures: [String] = []

    private var places: [String: Int] = [:]
    private var members: Set<Member> = []
    private var numbers: [String: Int] = [:]

    private struct Member: Hashable {
        let group: Int
        let input: String
    }

    init() {}

    mutating func fail(_ sentence: String) { failures.append(sentence) }

    /// Adds a candidate to its group; nothing if it is there already.
    mutating func add(
        _ candidate: Candidate, to name: String, prompt: String? = nil, number: Int? = nil
    ) {
        let place = group(name, prompt: prompt)
        if let number { numbers[name] = number }
        guard members.insert(Member(group: place, input: candidate.input)).inserted else { return }
        groups[place].candidates.append(candidate)
    }

    /// The place of a group, which is made if it is not there.
    @discardableResult
    mutating func group(
        _ name: String, prompt: String? = nil, extras: [JSONValue.Member] = []
    ) -> Int {
        if let place = places[name] {
            if groups[place].prompt == nil { groups[place].prompt = prompt }
            return place
        }
        places[name] = groups.count
        groups.append(CandidateGroup(name: name, prompt: prompt, extras: extras))
        return groups.count - 1
    }

    /// Puts the prompts of a list to the groups that have none.
    mutating func fill(from prompts: PromptList) throws(PreferenceError) {
        try prompts.fill(&groups, numbers: numbers)
    }

    /// Puts the cells of grids in the place of the files that hold them.
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
        // Places and members have moved.
        places = [:]
        members = []
    }

    /// Puts other candidates in the place of some; one whose replacement throws a `MediaError` is left out
    /// and becomes a failure.
    ///
    /// - Parameter body: Gets a candidate and its place in the group, from 0.
    mutating func replaceCandidates(_ body: (Candidate, Int) throws -> Candidate) throws {
        for index in groups.indices {
            groups[index].candidates = try groups[index].candidates.enumerated().compactMap {
                place, candidate in
                do {
                    return try body(candidate, place)
                } catch let error as MediaError {
                    if case .uncopied = error { throw error }
                    failures.append(error.description)
                    return nil
                }
            }
        }
    }
}
