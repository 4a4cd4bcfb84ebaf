import Files
import Foundation
import Frames
import Media
import Synchronization
import TextFormats

/// The requests of a run, in order: inputs named on the command line, then the lines of a list.
///
/// Inputs from the command line and a list in a file are read at once. A list on standard input is
/// read line by line, as requests are processed, so that a caller can wait for each row before it
/// sends the next line.
public final class RequestSource: Sendable {
    /// Number of requests after sharding; nil for a list on standard input, and if there are tar archives,
    /// whose members are not known before they are read.
    public let total: Int?

    /// An input of the command line or a line of a list.
    fileprivate enum Input {
        case request(Request)
        /// A tar archive, whose members are requests.
        case archive(path: String, region: String)
    }

    fileprivate struct State {
        var known: ArraySlice<Input>
        /// Requests of the last input.
        var pending: ArraySlice<Request> = []
        /// Number of inputs so far.
        var index = 0
        var answered: ResumedOutput?
        /// The list on standard input; nil if there is none.
        var reader: LineReader<PipelineError>?
    }
    private let state: Mutex<State>
    private let knownCount: Int
    /// Whether standard input is the list, so that a caller may wait for each row.
    package let readsStdin: Bool
    /// The file with the list; nil if there is none.
    private let list: String?
    private let shard: Shard?

    /// - Parameters:
    ///   - inputs: Paths, folders, globs, sequences, URLs, or `-` for a video on standard input.
    ///   - list: A file with one request per line, as parsed by `Request(line:)`; `-` is standard
    ///     input. Lines end as in every text file, see `TextLine`; one that is not UTF-8 is a request
    ///     with a failure.
    ///   - shard: Selects the shard's inputs, and sets the position of their requests. A tar archive is
    ///     one input.
    ///   - answered: The output of an interrupted run, whose requests are skipped.
    /// - Throws: `PipelineError.file` for the list.
    public convenience init(
        inputs: [String], list: String? = nil, shard: Shard? = nil,
        answered: ResumedOutput? = nil
    ) throws(PipelineError) {
        try self.init(
            inputs: inputs, list: list, shard: shard, answered: answered, hasSamples: false)
    }

    private init(
        inputs: [String], list: String?, shard: Shard?, answered: ResumedOutput?,
        hasSamples: Bool
    ) throws(PipelineError) {
        var known = inputs.flatMap(Self.expand)
        readsStdin = list == "-"
        self.list = list
        var reader = try list.map { list throws(PipelineError) in
            try LineReader(path: list, failing: PipelineError.file)
        }
        if let list, !readsStdin {
            while let line = try reader?.nextLine() {
                known.append(.request(Request(line, of: list, isSample: hasSamples)))
            }
            reader = nil
        }
        self.shard = shard
        knownCount = known.count
        let own = known.enumerated().filter { shard?.contains(position: $0.offset) ?? true }
        let hasArchives = own.contains { if case .archive = $0.element { true } else { false } }
        total = readsStdin || hasArchives ? nil : own.count
        state = Mutex(State(known: known[...], answered: answered, reader: reader))
    }

    /// The requests of one side of a training or an evaluation. A single `.txt` or `.jsonl` file is
    /// a list, anything else are inputs. A line with an invalid label or weight is a request with a
    /// failure.
    ///
    /// - Throws: `PipelineError.file` for the list.
    public convenience init(side inputs: [String]) throws(PipelineError) {
        let isList =
            inputs.count == 1 && [".txt", ".jsonl"].contains { inputs[0].hasByteSuffix($0) }
        try self.init(
            inputs: isList ? [] : inputs, list: isList ? inputs[0] : nil, shard: nil, answered: nil,
            hasSamples: true)
    }

    /// Checks a side before other inputs are encoded, which may take hours: that all inputs that are
    /// named exist, and some of those of a list or a folder. No input is opened.
    ///
    /// - Parameter inputs: As for `init(side:)`.
    /// - Throws: `PipelineError.noInputs`, and `.file` for the list.
    public static func check(side inputs: [String]) throws(PipelineError) {
        let source = try RequestSource(side: inputs)
        guard let list = source.list else {
            while let request = source.next() {
                if let reason = request.failure { throw .noInputs(reason: reason) }
            }
            return
        }
        var failure: String?
        while let request = source.next() {
            guard let reason = request.failure ?? request.missingFile else { return }
            failure = failure ?? reason
        }
        throw .noInputs(
            reason: failure.map { "no input in '\(list)' exists; the first: \($0)" }
                ?? "'\(list)' is an empty list")
    }

    /// A source of the given requests.
    public init(_ requests: [Request]) {
        readsStdin = false
        list = nil
        shard = nil
        knownCount = requests.count
        total = requests.count
        state = Mutex(State(known: requests.map { .request($0) }[...], answered: nil))
    }

    /// The next request, or nil at the end. Blocks while it waits for a line of standard input.
    public func next() -> Request? {
        state.withLock { state in
            while true {
                if let request = state.pending.popFirst() {
                    if state.answered?.takes(request) == true { continue }
                    return request
                }
                guard let input = state.known.popFirst() ?? state.nextLine().map(Input.request)
                else { return nil }
                let index = state.index
                state.index += 1
                guard shard?.contains(position: index) ?? true else { continue }
                let position = shard.map { _ in
                    Request.Position(index: index, total: readsStdin ? nil : knownCount)
                }
                state.pending = input.requests(at: position)[...]
            }
        }
    }

    /// All requests that are left.
    package func remaining() -> [Request] {
        var requests: [Request] = []
        while let request = next() { requests.append(request) }
        return requests
    }

    /// Expands a folder, glob or sequence; an error becomes a request with a failure.
    private static func expand(_ input: String) -> [Input] {
        InputExpander.files(of: input).map {
            switch $0 {
            case .input(let source): .request(Request(input: source.description))
            case .archive(let path, let region): .archive(path: path, region: region)
            case .failure(let error): .request(Request(error, of: input))
            }
        }
    }
}

extension Request {
    /// A request that failed before its input was opened.
    fileprivate init(_ error: MediaError, of input: String) {
        let reason = error.description
        switch error {
        // An entry of a folder or of an archive, or a name that braces stand for.
        case .file(let error): self.init(input: error.path, failure: reason)
        case .notFound(let path), .nothingMatches(let path), .folderWithoutMedia(let path):
            self.init(input: path, failure: reason)
        default: self.init(input: input, failure: reason)
        }
    }
}

extension RequestSource.Input {
    /// The input's requests. Reads the headers of an archive.
    fileprivate func requests(at position: Request.Position?) -> [Request] {
        switch self {
        case .request(var request):
            request.position = position ?? request.position
            return [request]
        case .archive(let path, let region):
            let members = InputExpander.members(of: path, region)
            return members.enumerated().map { index, member in
                var request =
                    switch member {
                    case .success(let sample):
                        Request(input: sample.input, extras: sample.annotations)
                    case .failure(let error): Request(error, of: path)
                    }
                request.position = position
                request.position?.member = .init(index: index, total: members.count)
                return request
            }
        }
    }
}

extension RequestSource.State {
    /// The request of the next line of standard input that is not blank. A list that cannot be read
    /// to its end ends with a request that says so.
    fileprivate mutating func nextLine() -> Request? {
        do throws(PipelineError) {
            guard let line = try reader?.nextLine() else { return nil }
            var request = Request(line, of: "-")
            switch request.body {
            case .none:
                if request.source == .standardInput {
                    request.failure = "standard input is the list; it cannot be a video too"
                }
            case .bytes(let count):
                try reader?.receive(count, for: &request)
            case .unknown:
                // What follows may be taken for lines.
                reader = nil
            }
            return request
        } catch {
            reader = nil
            return Request(input: "-", failure: error.description)
        }
    }
}
