public import Files

/// Errors of outputs, shards, embedding files, labels and models that do not match.
public enum GANRMError: Error, Equatable {
    case outputExists(path: String)
    case file(FileError)
    case outputModelMismatch(path: String, line: Int, expected: String, found: String)
    case notAResultLine(path: String, line: Int)
    case shards(String)
    /// A file as an input of real-time scoring.
    case notAStream(input: String)
    case embeddingsFile(path: String, reason: String)
    case mixedEmbeddings(reason: String)
    case unlabelled(input: String)
    /// An invalid configuration file, with the line if known.
    case configuration(path: String, line: Int?, reason: String)
    /// Invalid labels, pairs or ratings; the text starts with the file and line, if known.
    case groundTruth(String)
    case referenceMismatch(expected: String, found: String)
    /// An option that needs frames, with a file of embeddings as input.
    case framesNeeded(path: String, option: String)
    /// A line that is not a row of the expected command.
    case notRows(of: String, path: String, line: Int, reason: String)
    /// A file without valid answers of a study.
    case notAnswers(path: String, reason: String)
    case pageTooLarge(path: String, bytes: Int)
    /// An input whose segments cannot be written as a cut list.
    case cannotBeCut(input: String, reason: String)
}

extension GANRMError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .outputExists(let path):
            "'\(path)' exists; go on with it by --resume or replace it by --overwrite"
        case .file(let error): error.description
        case .outputModelMismatch(let path, let line, let expected, let found):
            """
            \(path):\(line): made by \(found), but this run is \(expected); \
            write to another file or replace this one by --overwrite
            """
        case .notAResultLine(let path, let line):
            "\(path):\(line): not a line of results; is it a file of ganrm score?"
        case .shards(let problem), .groundTruth(let problem):
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
        case .configuration(let path, let line, let reason):
            "\(path)\(line.map { ":\($0)" } ?? ""): \(reason)"
        case .referenceMismatch(let expected, let found):
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
        case .cannotBeCut(let input, let reason):
            "no list can cut '\(input)': \(reason)"
        case .mixedEmbeddings(let reason):
            "the embeddings do not belong together: \(reason); encode both sides in one way"
        }
    }
}
