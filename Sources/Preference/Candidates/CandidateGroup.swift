public import JSON

/// The candidates of one prompt: what is compared with each other, and with nothing else.
public struct CandidateGroup: Sendable, Hashable {
    /// What tells it from other groups: a folder's name, a number in file names, or the prompt.
    public var name: String
    /// What the generator was asked for; nil where nobody said it.
    public var prompt: String?
    /// In input order, which decides between equal scores; each input once.
    public var candidates: [Candidate]
    /// Further keys of the prompt's line, in their order; they come back in the results.
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
