import CFFmpeg

/// The name of a codec that this FFmpeg does not know, as the container has it.
enum UnknownCodec {
    /// Codecs that came after FFmpeg 5.1, by their four-character codes.
    private static let names = [
        "vvc1": "VVC", "vvi1": "VVC", "evc1": "EVC", "apv1": "APV",
        "lvc1": "LCEVC", "avs3": "AVS3", "ncl1": "ProRes RAW", "aprn": "ProRes RAW",
        "aprh": "ProRes RAW",
    ]

    /// - Parameter tag: The four-character code, or the number of the codec in containers that have
    ///   numbers; 0 if there is none, as in Matroska, whose demuxer logs the name.
    static func name(tag: UInt32) -> String {
        guard tag != 0 else { return LibavLog.unknownCodec ?? "unknown" }
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: tag >> (8 * $0)) }
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { return "number \(tag)" }
        let code = String(decoding: bytes, as: UTF8.self)
        return names[code].map { "\($0) (\(code))" } ?? code
    }
}
