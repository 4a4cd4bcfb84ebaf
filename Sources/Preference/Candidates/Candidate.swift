public import JSON

/// A picture or a video that a generator made for a prompt.
public struct Candidate: Sendable, Hashable {
    /// A path or an address, as it was given; a part of a picture carries `#xywh=x,y,w,h`.
    public var input: String
    /// Further keys of its line, in their order; they come back in the results.
    public var extras: [JSONValue.Member]

    public init(input: String, extras: [JSONValue.Member] = []) {
        self.input = input
        self.extras = extras
    }
}
