import Scoring

extension EncodingPipeline {
    /// Embeds inputs one after another.
    ///
    /// - Parameters:
    ///   - perClip: Whether each clip gives a row of its own.
    ///   - onEnd: Called for each input that has ended, with why it gave no embedding or with nil.
    /// - Returns: What was encoded until the end or the interruption.
    /// - Throws: As `run`.
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
