/// What goes wrong between the rooms: outputs, shards, models that do not fit each other.
public enum GANRMError: Error, Equatable {
    case outputExists(path: String)
    case unwritable(path: String, reason: String)
    case unreadable(path: String, reason: String)
    case outputOfAnotherModel(path: String, line: Int, expected: String, found: String)
    case notAResultLine(path: String, line: Int)
    case shards(String)
    /// A file in real time.
    case notAStream(input: String)
    case embeddingsFile(path: String, reason: String)
    case mixedEmbeddings(reason: String)
    case unlabelled(input: String)
    case configuration(path: String, reason: String)
    /// Labels, pairs or ratings that make no sense, with their place.
    case evidence(String)
    case otherReference(expected: String, found: String)
    /// An option that works on frames, and embeddings, which have none.
    case framesNeeded(path: String, option: String)
    /// A line that is no row of the command that it should come from.
    case notRows(of: String, path: String, line: Int, reason: String)
    /// Answers of a study that cannot be counted.
    case notAnswers(path: String, reason: String)
    case pageTooLarge(path: String, bytes: Int)
    /// An input whose stretches no list can name.
    case uncuttable(input: String, reason: String)
}

extension GANRMError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .outputExists(let path):
            "'\(path)' exists; go on with it by --resume or replace it by --overwrite"
        case .unwritable(let path, let reason):
            "cannot write '\(path)': \(reason)"
        case .unreadable(let path, let reason):
            "cannot read '\(path)': \(reason)"
        case .outputOfAnotherModel(let path, let line, let expected, let found):
            """
            \(path):\(line): made by \(found), but this run is \(expected); \
            write to another file or replace this one by --overwrite
            """
        case .notAResultLine(let path, let line):
            "\(path):\(line): not a line of results; is it a file of ganrm score?"
        case .shards(let problem), .evidence(let problem):
            problem
        case .notAStream("-"):
            "standard input is a file, which waits for the encoder; score it without --realtime"
        case .notAStream(let input):
            """
            '\(input)' is a file, which waits for the encoder; score it without --realtime, or as a stream: \
            ffmpeg -nostdin -re -i '\(input)' -c copy -f nut - | ganrm score - --realtime
            """
        case .embeddingsFile(let path, let reason):
            "'\(path)' is no file of embeddings: \(reason)"
        case .unlabelled(let input):
            "'\(input)' is to try heads on, but has no label; give it one (1 proxy, 0 generated) in a list"
        case .configuration(let path, let reason):
            "'\(path)' is no configuration: \(reason)"
        case .otherReference(let expected, let found):
            """
            the expected scores belong to the reward model \(expected.prefix(12)), but the default one \
            is \(found.prefix(12)); install ganrm again
            """
        case .framesNeeded(let path, let option):
            "\(option) works on frames, '\(path)' holds embeddings; name the clips they were made of"
        case .notRows(let command, let path, let line, let reason):
            "\(path):\(line): \(reason); is it a file of \(command)?"
        case .notAnswers(let path, let reason):
            "'\(path)' holds no answers of a study: \(reason)"
        case .pageTooLarge(let path, let bytes):
            """
            '\(path)' would hold more than \(bytes / 1_000_000) MB, too much for browsers; write a folder \
            or take fewer prompts
            """
        case .uncuttable(let input, let reason):
            "no list can cut '\(input)': \(reason)"
        case .mixedEmbeddings(let reason):
            "the embeddings do not belong together: \(reason); encode both sides in one way"
        }
    }
}
