/// Why the server cannot answer a call.
public enum ServingError: Error, Sendable, Hashable {
    /// An upload cannot be kept: memory, disk or descriptors are exhausted.
    case noSpace(reason: String)
    /// The call's time would be over before its media are scored; in seconds.
    case hopeless(retryAfter: Int)
    /// The call's time was over before all its media were scored.
    case late
    /// The client has gone, or what it sent is no HTTP.
    case gone
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
        case .hopeless:
            "there is too much work for an answer in time; send fewer media at once, or later"
        case .late: "the time for an answer is over"
        case .gone: "the connection has ended, or its bytes are no HTTP"
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
        case .gone: "gone"
        case .draining: "draining"
        case .tooLarge: "too_large"
        case .badRequest: "bad_request"
        case .unscored: "unscored"
        case .setting: "failure"
        }
    }
}
