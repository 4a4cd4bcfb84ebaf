/// The source of an input's frames.
public enum InputSource: Sendable, Hashable {
    /// A file, a member of a tar archive (`shard.tar#member=0007.mp4`), a named pipe, a URL
    /// (`https://…`, `udp://…`), or a numbered image sequence (`frame_%05d.png`).
    case path(String)
    /// The process's standard input, read once and sequentially.
    case standardInput
    /// Bytes that a program has sent, and the name that it gives them.
    case upload(Upload, name: String)
}

extension InputSource: CustomStringConvertible {
    /// The path, the name of an upload, or `-`.
    public var description: String {
        switch self {
        case .path(let path): path
        case .standardInput: "-"
        case .upload(_, let name): name
        }
    }
}

extension InputSource {
    /// The lower-case scheme of a URL, e.g. `https`; nil for a file path.
    package var scheme: String? {
        guard case .path(let path) = self, let colon = path.utf8.firstIndex(of: UInt8(ascii: ":")),
            path.utf8[colon...].starts(with: "://".utf8)
        else { return nil }
        let scheme = path.utf8[..<colon]
        guard scheme.first.map({ Unicode.Scalar($0).properties.isAlphabetic }) == true,
            scheme.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            })
        else { return nil }
        return Substring(scheme).lowercased()
    }
}
