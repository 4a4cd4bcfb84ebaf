import Scoring

extension EncodingPipeline {
    /// Embeds inputs one after another.
    ///
    /// - Parameters:
    ///   - perClip: Whether each clip becomes a row of its own.
    ///   - onEnd: Called once per input at its end, with the reason if there is no embedding.
    /// - Returns: The embeddings up to the end or the interruption.
    /// - Throws: The errors of `run`.
    public func embeddings(
        next: @escaping @Sendable () -> Request?, perClip: Bool = false,
        interruption: Interruption = Interruption(),
        onEnd: (_ request: Request, _ failure: String?) -> Void
    ) throws -> EmbeddingSet {
        var collector = EmbeddingCollector(
            encoders: try encoders.identities(), sampling: samplingPlan.file, perClip: perClip)
        try run(next: next, interruption: interruption) { collector.add($0, onEnd: onEnd) }
        return collector.embeddings
    }
}
