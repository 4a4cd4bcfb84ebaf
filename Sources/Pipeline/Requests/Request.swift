import Files
public import Media
public import TextFormats

/// A request to process one input, with metadata that is copied to its row.
public struct Request: Sendable, Hashable {
    /// The input as the user gave it: a path, a URL, or `-`.
    public var input: String
    /// Other keys of a JSON request, such as `id`; they are copied to the row.
    public var extras: [JSONValue.Member]
    /// The degradation of the frames, from the key `degradation`, which is copied to the row, too.
    public var degradation: Degradation?
    /// Why the request cannot be processed, if that is known without reading the input.
    public var failure: String?
    /// Position among all inputs, with `--shard`.
    public var position: Position?
    /// Frames per second of images that follow each other or of raw video, as `MediaOptions.frameRate`; nil is that of
    /// the run.
    package var frameRate: String?
    /// Names of the metrics that the input is for; nil is those of the run.
    package var metrics: [String]?
    /// The bytes of the input, if they came with the request; else they are those of a file or a stream.
    public internal(set) var upload: Upload?
    /// What follows the line of the request on standard input.
    var body: Body = .none

    /// Bytes behind a line.
    enum Body: Hashable {
        case none
        case bytes(Int)
        /// Their number cannot be read, so that the next line cannot be found.
        case unknown
    }

    /// A position in a list of inputs.
    public struct Position: Sendable, Hashable {
        /// Index from 0.
        public var index: Int
        /// Number of inputs in the list; nil if the list is still being read.
        public var total: Int?
        /// Of a member of a tar archive, which is one input: its index among the archive's requests, and
        /// their number.
        public var member: Member?

        /// A position in an archive.
        public struct Member: Sendable, Hashable {
            /// Index from 0.
            public var index: Int
            public var total: Int

            public init(index: Int, total: Int) {
                self.index = index
                self.total = total
            }
        }

        public init(index: Int, total: Int?, member: Member? = nil) {
            self.index = index
            self.total = total
            self.member = member
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

    /// The request of a line of a list, whose failure names the list and the line.
    ///
    /// - Parameter isSample: Whether a label or a weight is one of a training; elsewhere they may be
    ///   anything.
    init(_ line: TextLine, of list: String, isSample: Bool = false) {
        let location = list == "-" ? "standard input:\(line.number)" : "\(list):\(line.number)"
        guard line.isUTF8 else {
            self.init(input: line.text, failure: "\(location): the line is not UTF-8")
            return
        }
        self.init(nonBlank: line.text)
        if list == "-", body == .unknown {
            failure = "\"bytes\" is not a number of bytes; the list ends here"
        }
        if isSample { failure = failure ?? annotations.problem }
        failure = failure.map { "\(location): \($0)" }
    }

    /// Parses a line of a list: a path, or a JSON object with `input` or `path` and extra keys.
    ///
    /// A line that starts with `{` but is not such an object becomes a request with a failure, so
    /// that every line gets a row. Returns nil for a line without anything but spaces and tabs.
    public init?(line: some StringProtocol) {
        var bytes = Substring(line).utf8
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { return nil }
        self.init(nonBlank: String(Substring(bytes)))
    }

    private init(nonBlank line: String) {
        guard line.utf8.first == UInt8(ascii: "{") else {
            self.init(input: line)
            checkPath()
            return
        }
        let object: JSONValue
        do throws(JSONValue.ParseError) {
            object = try JSONValue(parsing: line)
        } catch {
            self.init(input: line, failure: "the line is not valid JSON: \(error)")
            return
        }
        let members = object.members ?? []
        guard let input = object["input"]?.stringValue ?? object["path"]?.stringValue else {
            if let count = object["bytes"] {
                self.init(followedBy: count, members)
                return
            }
            self.init(
                input: line, extras: members,
                failure: "the line has no \"input\" or \"path\" that is a text")
            return
        }
        self.init(input: input, extras: members.filter { $0.key != "input" && $0.key != "path" })
        let annotations = annotations
        degradation = annotations.degradation
        if annotations.invalidKeys.contains(.degradation) { failure = Degradation.expectation }
        checkPath()
    }

    /// The request of a line that its media follow: `{"id": …, "bytes": N}`, and optionally a `name`, whose
    /// extension tells the format of what has no signature.
    private init(followedBy count: JSONValue, _ members: [JSONValue.Member]) {
        let name = members.first { $0.key == "name" }?.value.stringValue
        self.init(input: name ?? "upload", extras: members.filter { $0.key != "bytes" })
        let annotations = annotations
        degradation = annotations.degradation
        body = count.integerValue.flatMap { $0 >= 0 ? .bytes($0) : nil } ?? .unknown
        failure = "bytes follow a line on standard input only"
    }

    private mutating func checkPath() {
        // C functions would open the file that the text before the byte names.
        if input.utf8.contains(0) { failure = "a path with a zero byte names no file" }
    }

    public var source: InputSource {
        if let upload { return .upload(upload, name: input) }
        return input == "-" ? .standardInput : .path(input)
    }

    /// Why the request's file is missing; nil if there is one, or if it is not known before it is read.
    var missingFile: String? {
        for case .failure(let error) in InputExpander.expand(input) { return error.description }
        return nil
    }

    /// The key of a JSON request that identifies it.
    static let idKey = "id"

    /// Identifies the request when a run is resumed: the `id` if there is one, else the input.
    var key: ByteString {
        Self.key(id: extras.first { $0.key == Self.idKey }?.value, input: input)
    }

    static func key(id: JSONValue?, input: String) -> ByteString {
        ByteString(id.map { "id:\($0.canonical)" } ?? "input:\(input)")
    }
}
