import Files

/// The text of a vocabulary's file.
enum VocabularyFile {
    /// Largest length of a vocabulary's text, in bytes; OpenAI's has 3 MB.
    static let byteLimit = 16 << 20

    /// The lines of a file, also of one that is compressed (`.gz`). What follows the last line break is a line, too.
    ///
    /// - Throws: `TokenizerError`.
    static func lines(path: String) throws(TokenizerError) -> [Substring] {
        let data = try WholeFile.data(path, failing: TokenizerError.file)
        func invalid(_ reason: String) -> TokenizerError {
            .invalidVocabulary(path: path, reason: reason)
        }
        let isCompressed = data.starts(with: [0x1F, 0x8B])
        guard
            let bytes = isCompressed
                ? Inflation.contents(of: data, from: .gzip, limit: byteLimit) : Array(data),
            bytes.count <= byteLimit
        else {
            let limit = "it has more than \(byteLimit >> 20) MiB"
            throw invalid(isCompressed ? "its compressed data are damaged, or \(limit)" : limit)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw invalid("it is not UTF-8")
        }
        // A line break of Windows is one character.
        return text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    }
}
