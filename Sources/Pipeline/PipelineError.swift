public import Files

/// Errors of outputs, shards, embedding files and models that do not match.
public enum PipelineError: Error, Equatable {
    case file(FileError)
    case outputExists(path: String)
    case outputModelMismatch(path: String, line: Int, expected: String, found: String)
    /// - Parameter reason: Why the line is no JSON; nil if it is.
    case notAResultLine(path: String, line: Int, reason: String? = nil)
    /// A row that does not go with the others of its file.
    case invalidRow(path: String, line: Int, reason: String)
    case shards(String)
    /// A file as an input of real-time scoring.
    case notAStream(input: String)
    case embeddingsFile(path: String, reason: String)
    case mixedEmbeddings(reason: String)
    /// A side of a training or a comparison that names nothing that exists.
    case noInputs(reason: String)
    case referenceMismatch(expected: String, found: String)
    /// The system refuses a thread, for want of memory or by a limit of the process.
    case thread(reason: String)
}

extension PipelineError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .outputExists(let path):
            "'\(path)' exists; go on with it by --resume or replace it by --overwrite"
        case .outputModelMismatch(let path, let line, let expected, let found):
            """
            \(path):\(line): made by \(found), but this run is \(expected); \
            write to another file or replace this one by --overwrite
            """
        case .notAResultLine(let path, let line, let reason):
            "\(path):\(line): not a line of results"
                + (reason.map { " (\($0))" } ?? "") + "; is it a file of ganrm score?"
        case .invalidRow(let path, let line, let reason): "\(path):\(line): \(reason)"
        case .shards(let problem): problem
        case .notAStream("-"):
            "standard input is a file, which waits for the encoder; score it without --realtime"
        case .notAStream(let input):
            """
            '\(input)' is a file, which waits for the encoder; score it without --realtime, or as a stream: \
            ffmpeg -nostdin -re -i '\(input)' -c copy -f nut - | ganrm score - --realtime
            """
        case .embeddingsFile(let path, let reason):
            "'\(path)' is no file of embeddings: \(reason)"
        case .mixedEmbeddings(let reason):
            "the embeddings do not belong together: \(reason); encode both sides in one way"
        case .noInputs(let reason): reason
        case .thread(let reason): "cannot start a thread: \(reason); see ulimit -v and -u"
        case .referenceMismatch(let expected, let found):
            """
            the expected scores belong to the reward model \(expected.prefix(12)), but the default one \
            is \(found.prefix(12)); install ganrm again
            """
        }
    }
}
