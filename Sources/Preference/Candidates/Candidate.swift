public import TextFormats

/// An image or a video that a generator produced for a prompt.
public struct Candidate: Sendable, Hashable {
    /// A path or URL, as given; a region of a file has the suffix `#xywh=x,y,w,h`.
    public var input: String
    /// Additional keys of the candidate's line, in order; copied to the results.
    public var extras: [JSONValue.Member]

    public init(input: String, extras: [JSONValue.Member] = []) {
        self.input = input
        self.extras = extras
    }
}
