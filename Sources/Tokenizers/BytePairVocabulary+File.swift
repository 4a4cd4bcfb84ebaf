import Files
import Foundation

extension BytePairVocabulary {
    /// Largest length of a vocabulary's text, in bytes; OpenAI's has 3 MB.
    static let byteLimit = 16 << 20

    /// Reads OpenAI's `bpe_simple_vocab_16e6.txt`, also compressed (`.gz`), or `merges.txt` of a repository on the hub.
    ///
    /// - Parameter count: Number of symbols, those for start and end included.
    /// - Throws: `TokenizerError`.
    public init(path: String, count: Int = clipCount) throws(TokenizerError) {
        let data = try WholeFile.data(path, failing: TokenizerError.file)
        func invalid(_ reason: String) -> TokenizerError {
            .invalidVocabulary(path: path, reason: reason)
        }
        let isCompressed = data.starts(with: [0x1F, 0x8B])
        guard
            let bytes = isCompressed
                ? Inflation.contents(of: data, from: .gzip, limit: Self.byteLimit) : Array(data),
            bytes.count <= Self.byteLimit
        else {
            let limit = "it has more than \(Self.byteLimit >> 20) MiB"
            throw invalid(isCompressed ? "its compressed data are damaged, or \(limit)" : limit)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw invalid("it is not UTF-8")
        }
        try self.init(
            lines: text.split(separator: "\n", omittingEmptySubsequences: false), count: count,
            path: path)
    }
}
