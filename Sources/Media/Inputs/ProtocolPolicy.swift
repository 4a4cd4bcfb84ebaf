/// The URL schemes that are read by default, and the protocols that each of them may use.
///
/// A list of inputs may be untrusted, and FFmpeg's protocols can also read local files, open
/// playlists and send commands over legacy protocols. The schemes listed here only fetch one stream
/// from the host in the URL.
enum ProtocolPolicy {
    /// The `protocol_whitelist` for a URL with this scheme; nil if such a URL is read only when
    /// nested inputs are allowed.
    static func protocols(_ scheme: String) -> String? {
        switch scheme {
        case "http", "https": "http,https,httpproxy,tls,tcp"
        case "tls": "tls,tcp"
        case "rtmp": "rtmp,tcp"
        case "rtmps": "rtmps,tls,tcp"
        case "rtmpt": "rtmpt,ffrtmphttp,http,tcp"
        case "udp", "tcp", "srt", "rist": scheme
        default: nil
        }
    }

    /// The protocol options that make it wait for a sender; most protocols can only listen or
    /// connect.
    ///
    /// - Throws: `MediaError.invalidOption` if the protocol cannot listen.
    static func listening(_ scheme: String, input: String) throws(MediaError) -> [String: String] {
        switch scheme {
        case "srt": ["mode": "listener"]
        case "http", "rtmp", "tcp", "tls": ["listen": "1"]
        // These protocols always listen.
        case "udp", "rist": [:]
        default:
            throw .invalidOption(
                input: input, reason: "a URL with '\(scheme)' cannot wait for a sender")
        }
    }
}
