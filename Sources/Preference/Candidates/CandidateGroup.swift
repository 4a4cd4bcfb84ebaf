public import TextFormats

/// The candidates of one prompt, which are compared only with each other.
public struct CandidateGroup: Sendable, Hashable {
    /// Unique key of the group: a folder name, a number in file names, or the prompt.
    public var name: String
    /// The generator's prompt; nil if unknown.
    public var prompt: String?
    /// In input order, which breaks ties between equal scores; each input once.
    public var candidates: [Candidate]
    /// Additional keys of the prompt's line, in order; copied to the results.
    public var extras: [JSONValue.Member]

    public init(
        name: String, prompt: String? = nil, candidates: [Candidate] = [],
        extras: [JSONValue.Member] = []
    ) {
        self.name = name
        self.prompt = prompt
        self.candidates = candidates
        self.extras = extras
    }
}
