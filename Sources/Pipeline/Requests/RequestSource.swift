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
    /// Number of requests after sharding; nil for a list on standard input.
    public let total: Int?

    fileprivate struct State {
        var known: ArraySlice<Request>
        var index = 0
        var answered: ResumedOutput?
        /// The list on standard input; nil if there is none.
        var reader: LineReader<PipelineError>?
    }
    private let state: Mutex<State>
    private let knownCount: Int
    /// Whether standard input is the list.
    private let readsStdin: Bool
    /// The file with the list; nil if there is none.
    private let list: String?
    private let shard: Shard?

    /// - Parameters:
    ///   - inputs: Paths, folders, globs, sequences, URLs, or `-` for a video on standard input.
    ///   - list: A file with one request per line, as parsed by `Request(line:)`; `-` is standard
    ///     input. Lines end as in every text file, see `TextLine`; one that is not UTF-8 is a request
    ///     with a failure.
    ///   - shard: Selects the shard's inputs, and sets the position of their requests.
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
                known.append(Request(line, of: list, isSample: hasSamples))
            }
            reader = nil
        }
        self.shard = shard
        knownCount = known.count
        let shardCount = shard.map { shard in
            known.indices.count { shard.contains(position: $0) }
        }
        total = readsStdin ? nil : shardCount ?? known.count
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
        state = Mutex(State(known: requests[...], answered: nil))
    }

    /// The next request, or nil at the end. Blocks while it waits for a line of standard input.
    public func next() -> Request? {
        state.withLock { state in
            while var request = state.known.popFirst() ?? state.nextLine() {
                defer { state.index += 1 }
                if let shard {
                    guard shard.contains(position: state.index) else { continue }
                    request.position = .init(
                        index: state.index, total: readsStdin ? nil : knownCount)
                }
                if state.answered?.takes(request) == true { continue }
                return request
            }
            return nil
        }
    }

    /// All requests that are left.
    package func remaining() -> [Request] {
        var requests: [Request] = []
        while let request = next() { requests.append(request) }
        return requests
    }

    /// Expands a folder, glob or sequence into requests; an error becomes a request with a failure.
    private static func expand(_ input: String) -> [Request] {
        InputExpander.expand(input).map {
            switch $0 {
            case .success(let source): Request(input: source.description)
            case .failure(.file(let error)):
                // An entry of the folder.
                Request(input: error.path, failure: error.description)
            case .failure(let error): Request(input: input, failure: error.description)
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
            if request.source == .standardInput {
                request.failure = "standard input is the list; it cannot be a video too"
            }
            return request
        } catch {
            reader = nil
            return Request(input: "-", failure: error.description)
        }
    }
}
