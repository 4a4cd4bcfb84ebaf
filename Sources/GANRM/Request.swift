public import JSON
public import Media

/// One input that somebody wants an answer for, and what they want back with it.
public struct Request: Sendable, Hashable {
    /// The input as it was given: a path, a URL, or `-`.
    public var input: String
    /// Further keys of a JSON request, `id` among them; they come back in the answer.
    public var extras: [JSONValue.Member]
    /// Damage that is done to the frames before they are seen: key `degradation`, which comes back too.
    public var degradation: Degradation?
    /// Why nothing can be read, if that is known already.
    public var failure: String?
    /// Place among all inputs, if the work is shared out with `--shard`.
    public var position: Position?

    /// A place in a list of inputs.
    public struct Position: Sendable, Hashable {
        /// From 0.
        public var index: Int
        /// Inputs in the list; nil while it is still being read.
        public var total: Int?

        public init(index: Int, total: Int?) {
            self.index = index
            self.total = total
        }
    }

    public init(
        input: String, extras: [JSONValue.Member] = [], failure: String? = nil,
        position: Position? = nil
    ) {
        self.input = input
        self.extras = extras
        self.failure = failure
        self.position = position
    }

    /// Reads a line of a list: a path, or a JSON object with `input` or `path` and keys to carry.
    ///
    /// A line that starts with `{` and is no such object becomes a request with a failure: it
    /// gets an answer like every other line. Returns nil for an empty line.
    public init?(line: some StringProtocol) {
        var line = line[...]
        if line.last == "\r" { line.removeLast() }
        guard !line.allSatisfy(\.isWhitespace) else { return nil }
        guard line.first == "{" else {
            self.init(input: String(line))
            return
        }
        let object: JSONValue
        do throws(JSONValue.Refusal) {
            object = try JSONValue(parsing: line)
        } catch {
            self.init(input: String(line), failure: "the line is not valid JSON: \(error)")
            return
        }
        let members = object.members ?? []
        guard let input = object["input"]?.stringValue ?? object["path"]?.stringValue else {
            self.init(
                input: String(line), extras: members,
                failure: "the line has no \"input\" or \"path\" that is a text")
            return
        }
        self.init(input: input, extras: members.filter { $0.key != "input" && $0.key != "path" })
        if let value = object["degradation"] {
            degradation = Degradation(json: value)
            if degradation == nil { failure = Degradation.expectation }
        }
        if input.utf8.contains(0) { failure = "a path with a zero byte names no file" }
    }

    public var source: InputSource { input == "-" ? .standardInput : .path(input) }

    /// What makes two requests the same work: the `id` if there is one, else the input.
    var key: String {
        extras.first { $0.key == "id" }.map { "id:\($0.value)" } ?? "input:\(input)"
    }
}
