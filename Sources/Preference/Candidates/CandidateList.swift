import Files
import Media
import OrderedCollections
import TextFormats

/// All candidates of a run, grouped by prompt.
public struct CandidateList: Sendable {
    /// In order of first appearance.
    public var groups: [CandidateGroup] { groupsByName.values.elements }
    /// One sentence for each line or file that yields no candidate.
    public private(set) var failures: [String] = []

    /// The inputs of all candidates, in order; one of several prompts appears several times.
    public var inputs: [String] { groups.flatMap { $0.candidates.map(\.input) } }

    private var groupsByName: OrderedDictionary<ByteString, CandidateGroup> = [:]
    private var members: Set<Member> = []
    private var promptNumbers: [ByteString: Int] = [:]

    private struct Member: Hashable {
        let group: ByteString
        let input: ByteString
    }

    init() {}

    mutating func fail(_ sentence: String) { failures.append(sentence) }

    /// Adds a candidate to its group, unless it is already there.
    mutating func add(
        _ candidate: Candidate, to name: String, prompt: String? = nil, number: Int? = nil
    ) {
        if let number { promptNumbers[name] = number }
        let member = Member(group: ByteString(name), input: ByteString(candidate.input))
        let isNew = members.insert(member).inserted
        addGroup(name, prompt: prompt, candidates: isNew ? [candidate] : [])
    }

    /// Adds a group, or candidates to it; sets its prompt if it has none.
    mutating func addGroup(
        _ name: String, prompt: String?, extras: [JSONValue.Member] = [],
        candidates: [Candidate] = []
    ) {
        groupsByName.updateValue(
            forKey: ByteString(name), default: CandidateGroup(name: name, extras: extras)
        ) { group in
            if group.prompt == nil { group.prompt = prompt }
            group.candidates += candidates
        }
    }

    /// Assigns the prompts of a list to the groups that have none.
    mutating func fill(from prompts: PromptList) throws(PreferenceError) {
        try prompts.fill(&groupsByName.values, numbers: promptNumbers)
    }

    /// Replaces grid files by their cells.
    mutating func expand(_ grid: CandidateGrid, options: MediaOptions) {
        let outcomes = GridExpansion(grid, options: options)
            .cells(of: inputs)
        for (index, group) in groups.enumerated() {
            groupsByName.values[index].candidates = group.candidates.flatMap { candidate in
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
        groupsByName.removeAll { $0.value.candidates.isEmpty }
    }

    /// Replaces each candidate by the result of `body`. If that throws a `MediaError` of its
    /// input, the candidate is removed and the error added to the failures.
    ///
    /// - Parameter body: Receives a candidate and its index in the group.
    mutating func replaceCandidates(_ body: (Candidate, Int) throws -> Candidate) throws {
        for (index, group) in groups.enumerated() {
            groupsByName.values[index].candidates = try group.candidates.enumerated().compactMap {
                position, candidate in
                do {
                    return try body(candidate, position)
                } catch let error as MediaError {
                    if case .file(let failure) = error, failure.operation == .write { throw error }
                    failures.append(error.description)
                    return nil
                }
            }
        }
    }
}
