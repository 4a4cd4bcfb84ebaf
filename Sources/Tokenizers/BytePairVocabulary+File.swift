extension BytePairVocabulary {
    /// Reads OpenAI's `bpe_simple_vocab_16e6.txt`, also compressed (`.gz`), or `merges.txt` of a repository on the hub.
    ///
    /// - Parameter count: Number of symbols, those for start and end included.
    /// - Throws: `TokenizerError`.
    public init(path: String, count: Int = clipCount) throws(TokenizerError) {
        try self.init(lines: VocabularyFile.lines(path: path), count: count, path: path)
    }
}
