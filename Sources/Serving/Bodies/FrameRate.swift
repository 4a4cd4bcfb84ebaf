import TextFormats

/// Frames per second that a client gives for media that have none, as FFmpeg reads it.
enum FrameRate {
    /// - Parameter text: A number or a fraction: `8`, `23.976`, `30000/1001`; nil for none.
    /// - Throws: `ServingError.badRequest` if it is no rate from 0.001 to 1000.
    static func checked(_ text: String?) throws(ServingError) -> String? {
        guard let text else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
        let isPlain =
            text.utf8.count <= 32
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/")
            }
        if isPlain, let rate = parts.first ?? nil, parts.count <= 2,
            let divisor = parts.count == 2 ? parts[1] : 1,
            divisor > 0, (0.001...1000).contains(rate / divisor)
        {
            return text
        }
        throw .badRequest(reason: "fps is to be a number from 0.001 to 1000")
    }

    /// - Throws: `ServingError.badRequest`.
    static func checked(_ value: JSONValue?) throws(ServingError) -> String? {
        try checked(value.map(\.name))
    }
}
