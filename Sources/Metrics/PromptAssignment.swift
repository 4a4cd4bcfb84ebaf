public import Pipeline
public import Preference
import Scoring
import TextFormats

/// Finds the prompt of each input: that of its request, else one by its name.
public struct PromptAssignment: Sendable {
    /// The prompt of an input.
    public struct Found: Sendable, Hashable {
        public var prompt: String
        /// The name of the inputs that belong to the prompt; nil if the request has none.
        public var group: String?

        public init(prompt: String, group: String? = nil) {
            self.prompt = prompt
            self.group = group
        }
    }

    /// Why an input has no prompt, in one sentence.
    public struct Missing: Error, Hashable {
        public var reason: String
    }

    private let grouping: CandidateGrouping?
    private let common: String?
    /// Of the inputs that were named.
    private var known: [ByteString: Found] = [:]

    /// Prompts of requests only, and one for all others.
    ///
    /// - Parameter common: The prompt of inputs that bring none along; nil if they have none.
    public init(common: String? = nil) {
        grouping = nil
        self.common = common
    }

    /// Prompts by the names of files.
    ///
    /// - Parameters:
    ///   - grouping: How names are read, with a list of prompts.
    ///   - inputs: Folders, files and globs of the run. In a prompt file, numbers begin with 0 if one of them has the
    ///     number 0.
    /// - Throws: `PreferenceError` if a name among `inputs` has no prompt in the list.
    public init(_ grouping: CandidateGrouping, inputs: [String]) throws(PreferenceError) {
        self.grouping = grouping
        common = nil
        known = Self.prompts(in: try grouping.candidates(in: inputs))
    }

    private static func prompts(in list: CandidateList) -> [ByteString: Found] {
        var found: [ByteString: Found] = [:]
        for group in list.groups {
            guard let prompt = group.prompt else { continue }
            for candidate in group.candidates {
                found[ByteString(candidate.input)] = Found(prompt: prompt, group: group.name)
            }
        }
        return found
    }

    /// The prompt of a request.
    public func prompt(of request: Request) -> Result<Found, Missing> {
        if let prompt = request.extras.first(where: { $0.key == ScoreRow.Key.prompt.rawValue })?
            .value
        {
            guard let text = prompt.stringValue else {
                return .failure(Missing(reason: "the prompt of '\(request.input)' is no text"))
            }
            return .success(Found(prompt: text))
        }
        if let common { return .success(Found(prompt: common)) }
        let path = ByteString(request.input)
        if let found = known[path] { return .success(found) }
        if let grouping {
            do throws(PreferenceError) {
                if let found = Self.prompts(in: try grouping.candidates(in: [request.input]))[path]
                {
                    return .success(found)
                }
            } catch {
                return .failure(Missing(reason: error.description))
            }
        }
        return .failure(
            Missing(
                reason: """
                    '\(request.input)' has no prompt; name a file of prompts by --prompts, or add "prompt" to its line of \
                    --list
                    """))
    }
}
