import Frames

/// Which addresses are read unasked, and what their protocols may use on their way.
///
/// A list of inputs may come from a stranger, and FFmpeg's protocols also reach files, other lists and
/// commands of old protocols. These here fetch one stream from where the address says.
enum AddressPolicy {
    /// The protocols that an address with this scheme needs, as in `protocol_whitelist`; nil: it is not
    /// read unless nested inputs are allowed.
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

    /// What makes a protocol wait for a sender; most can wait only or connect only.
    static func listening(_ scheme: String, input: String) throws(MediaError) -> [String: String] {
        switch scheme {
        case "srt": ["mode": "listener"]
        case "http", "rtmp", "tcp", "tls": ["listen": "1"]
        // They know nothing else.
        case "udp", "rist": [:]
        default:
            throw .invalidOption(
                input: input, reason: "an address with '\(scheme)' cannot wait for a sender")
        }
    }
}
