import Files

/// Settings of a server.
public struct ServerSettings: Sendable, Hashable {
    /// Where the server listens.
    public enum Address: Sendable, Hashable {
        /// A port of 0 is any that is free.
        case host(String, port: Int)
        /// A Unix socket that its owner and group may use.
        case socket(path: String)
    }

    public var address: Address
    /// What clients send as `Authorization: Bearer …` on every path but the probes; nil for no token.
    public var token: String?
    /// Most bytes of a body.
    public var bodyLimit = 1 << 30
    /// Most bytes of all bodies in flight; calls beyond wait.
    public var queueBytes = 2 << 30
    /// Seconds within which a call is answered: less than its client waits.
    public var deadline = 110.0
    /// Whether pickled bodies are read, at `POST /`.
    public var readsPickles = false
    /// Folders whose files clients may name; none by default.
    public var allowedFolders: [String] = []
    /// Frames per second, as for `MediaOptions.frameRate`, of frames whose protocol or client says none; nil for 25.
    public var frameRate: String?
    /// Seconds that calls have to end after a signal to stop.
    public var drain = 120.0

    /// Valid numbers of seconds.
    public static let seconds = 0.1...86_400.0
    /// Valid numbers of bytes.
    public static let byteCounts = 1...1 << 44

    public init(address: Address = .host("127.0.0.1", port: 8080), token: String? = nil) {
        self.address = address
        self.token = token
    }

    /// Reads a token from a file, without the white space around it.
    ///
    /// - Throws: `ServingError.setting` if the file cannot be read or holds no token of at least 16 printable characters.
    public static func token(path: String) throws(ServingError) -> String {
        let data = try WholeFile.data(path) { ServingError.setting(reason: $0.description) }
        let text = String(decoding: data, as: UTF8.self)
        let token = text.split(whereSeparator: \.isWhitespace)
        guard token.count == 1, token[0].utf8.count >= 16,
            token[0].utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw .setting(
                reason:
                    "'\(path)' holds no token: one word of 16 or more printable characters of ASCII"
            )
        }
        return String(token[0])
    }

    /// Whether only this machine can reach the address.
    public var isLocal: Bool { address.isLocal }

    /// Whether a host is an address of this machine that no other reaches.
    static func isLocal(_ name: String) -> Bool {
        // A name may begin like an address and be another machine's: 127.example.org.
        name == "localhost" || name == "::1"
            || (name.hasPrefix("127.")
                && name.allSatisfy { $0 == "." || ("0"..."9").contains($0) })
    }
}

extension ServerSettings.Address {
    /// Whether only this machine can reach the address.
    var isLocal: Bool {
        switch self {
        case .socket: true
        case .host(let name, _): ServerSettings.isLocal(name)
        }
    }
}
