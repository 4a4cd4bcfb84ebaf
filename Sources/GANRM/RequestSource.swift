import Foundation
import Frames
import Media
import Synchronization

/// The requests of a run, in order: inputs named on the command line, then the lines of a list.
///
/// Named inputs and a list in a file are known at once; a list on standard input is read line by
/// line, each when the one before is in the works, so that a caller can wait for every answer.
public final class RequestSource: Sendable {
    /// How many there are after sharding; nil for a list on standard input.
    public let total: Int?

    private struct State {
        var known: ArraySlice<Request>
        var index = 0
        var answered: ResumedOutput?
    }
    private let state: Mutex<State>
    private let knownCount: Int
    private let isOpen: Bool
    private let shard: Shard?

    /// - Parameters:
    ///   - inputs: Paths, folders, globs, sequences, URLs, or `-` for a video on standard input.
    ///   - list: A file of lines as `Request(line:)` reads them, one input each; `-` is standard
    ///     input.
    ///   - shard: Leaves out what other shards do; the rest carries its position.
    ///   - answered: Leaves out what an interrupted run answered.
    /// - Throws: `GANRMError.unreadable` for the list.
    public init(
        inputs: [String], list: String? = nil, shard: Shard? = nil,
        answered: ResumedOutput? = nil
    ) throws(GANRMError) {
        var known = inputs.flatMap(Self.expand)
        isOpen = list == "-"
        if let list, !isOpen {
            do {
                known += try String(contentsOfFile: list, encoding: .utf8)
                    .split(whereSeparator: \.isNewline).compactMap { Request(line: $0) }
            } catch {
                throw .unreadable(path: list, reason: error.localizedDescription)
            }
        }
        self.shard = shard
        knownCount = known.count
        let places = shard.map { shard in
            known.indices.count { shard.contains(position: $0) }
        }
        total = isOpen ? nil : places ?? known.count
        state = Mutex(State(known: known[...], answered: answered))
    }

    /// One side of a training or an evaluation: a list if it is a single `.txt` or `.jsonl` file, else
    /// inputs.
    ///
    /// - Throws: `GANRMError.unreadable` for the list.
    public convenience init(side inputs: [String]) throws(GANRMError) {
        let isList = inputs.count == 1 && [".txt", ".jsonl"].contains { inputs[0].hasSuffix($0) }
        try self.init(inputs: isList ? [] : inputs, list: isList ? inputs[0] : nil)
    }

    /// Requests that are known already.
    public init(_ requests: [Request]) {
        isOpen = false
        shard = nil
        knownCount = requests.count
        total = requests.count
        state = Mutex(State(known: requests[...], answered: nil))
    }

    /// The next request, or nil at the end; blocks for a line of standard input.
    public func next() -> Request? {
        state.withLock { state in
            while var request = state.known.popFirst() ?? nextLine() {
                defer { state.index += 1 }
                if let shard {
                    guard shard.contains(position: state.index) else { continue }
                    request.position = .init(index: state.index, total: isOpen ? nil : knownCount)
                }
                if state.answered?.takes(request) == true { continue }
                return request
            }
            return nil
        }
    }

    /// The next line of standard input that holds a request.
    private func nextLine() -> Request? {
        guard isOpen else { return nil }
        while let line = readLine() {
            guard var request = Request(line: line) else { continue }
            if request.source == .standardInput {
                request.failure = "standard input is the list; it cannot be a video too"
            }
            return request
        }
        return nil
    }

    /// The files that a named input stands for; one that stands for none is answered with why.
    private static func expand(_ input: String) -> [Request] {
        InputExpander.expand(input).map {
            switch $0 {
            case .success(let source): Request(input: source.description)
            case .failure(let error): Request(input: input, failure: error.description)
            }
        }
    }
}
