/// Where frames come from.
public enum InputSource: Sendable, Hashable {
    /// A file, a pipe with a name, an address (`https://…`, `udp://…`), or a numbered sequence of pictures (`frame_%05d.png`).
    case path(String)
    /// The process's standard input, read once, from front to back.
    case standardInput
}

extension InputSource: CustomStringConvertible {
    /// The path, or `-`.
    public var description: String {
        switch self {
        case .path(let path): path
        case .standardInput: "-"
        }
    }
}

extension InputSource {
    /// The scheme of an address (`https`), lower case; nil for a file's path.
    package var scheme: String? {
        guard case .path(let path) = self, let colon = path.firstIndex(of: ":"),
            path[colon...].hasPrefix("://")
        else { return nil }
        let scheme = path[..<colon]
        guard scheme.first?.isLetter == true,
            scheme.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            })
        else { return nil }
        return scheme.lowercased()
    }
}
