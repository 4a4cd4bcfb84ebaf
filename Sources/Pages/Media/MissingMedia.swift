import OrderedCollections
import TextFormats

/// Inputs that a page cannot show for the same reason.
public struct MissingMedia: Sendable, Hashable {
    /// Why an input cannot be shown.
    struct Failure: Sendable, Hashable {
        let input: String
        /// One sentence that names the input.
        let reason: String
        /// The sentence without the input's name, equal for all inputs with the same problem.
        let cause: String

        /// - Parameter path: The path by which the input was opened, as the reason names it.
        init(_ input: String, path: String, reason: String) {
            self.input = input
            self.reason = reason
            cause = [path, input].reduce(reason) { $0.replacing("'\($1)'", with: "the file") }
        }
    }

    /// The inputs, in the order of the page, each once.
    public let inputs: [String]
    /// The common cause, a clause without the inputs' names.
    public let cause: String
    /// The sentence about a single input.
    private let reason: String

    /// Failures by cause, in order of first appearance.
    static func grouped(_ failures: [Failure]) -> [MissingMedia] {
        var groups:
            OrderedDictionary<ByteString, (reason: String, inputs: OrderedSet<ByteString>)> =
                [:]
        for failure in failures {
            groups[ByteString(failure.cause), default: (failure.reason, [])].inputs
                .append(ByteString(failure.input))
        }
        return groups.map { cause, group in
            MissingMedia(
                inputs: group.inputs.map(\.text), cause: cause.text, reason: group.reason)
        }
    }

    private init(inputs: [String], cause: String, reason: String) {
        self.inputs = inputs
        self.cause = cause
        self.reason = reason
    }

    /// The sentence about all inputs, which names at most three of them.
    public var sentence: String {
        if inputs.count == 1 { return reason }
        let names = inputs.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
        return "\(inputs.count) files cannot be shown: \(cause) (\(names)"
            + (inputs.count > 3 ? ", …)" : ")")
    }
}

/// A page that was written.
public struct WrittenPage: Sendable, Hashable {
    /// The page's size in bytes, without the files beside it.
    public let byteCount: Int
    /// What could not be shown, by cause.
    public let missing: [MissingMedia]
}
