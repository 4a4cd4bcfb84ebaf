/// Why the server cannot answer a call.
public enum ServingError: Error, Sendable, Hashable {
    /// An upload cannot be kept: memory, disk or descriptors are exhausted.
    case noSpace(reason: String)
    /// The queue is so long that the call's time would be over before its turn; in seconds.
    case hopeless(retryAfter: Int)
    /// The call's time was over before all its media were scored.
    case late
    /// The server is being shut down.
    case draining
    /// The body has more bytes than the limit.
    case tooLarge(limit: Int)
    /// The body is not what the path takes.
    case badRequest(reason: String)
    /// A medium has no score, in a protocol without errors for single media.
    case unscored(reason: String)
    /// A setting that the server does not run with.
    case setting(reason: String)
}

extension ServingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noSpace(let reason): "the server cannot keep the upload: \(reason)"
        case .hopeless: "the queue is too long for an answer in time"
        case .late: "the time for an answer is over"
        case .draining: "the server is shutting down"
        case .tooLarge(let limit): "the body has more than \(limit) bytes"
        case .badRequest(let reason), .unscored(let reason), .setting(let reason): reason
        }
    }
}

extension ServingError {
    /// A word for counts of refusals.
    var label: String {
        switch self {
        case .noSpace: "no_space"
        case .hopeless: "hopeless"
        case .late: "late"
        case .draining: "draining"
        case .tooLarge: "too_large"
        case .badRequest: "bad_request"
        case .unscored: "unscored"
        case .setting: "failure"
        }
    }
}
