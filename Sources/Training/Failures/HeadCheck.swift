public import Frames
public import Reward
public import Scoring
public import Store

/// Checks that failures (black frames, noise, stripes and the like) get low scores from a reward
/// model.
///
///     let check = try HeadCheck(scorer)
///     print(check.table)
public struct HeadCheck: Sendable {
    /// The result of one failure.
    public struct Row: Sendable {
        public let name: String
        public let kind: MediaKind
        /// Whether trainings use the failure.
        public let isInTraining: Bool
        public let logit: Double
        /// Percentage of generated samples with a lower logit, 0…100; nil if the model has no
        /// reference.
        public let percentile: Double?
        /// Percentile of the distance from the training samples, 0…100; nil if the model does not
        /// provide it.
        public let unfamiliar: Double?
        public let degeneracy: Degeneracy?
        /// Whether the logit is above the median proxy sample's.
        public let beatsProxy: Bool

        /// Whether `rank` excludes the sample from winning, by default.
        public var isExcluded: Bool {
            degeneracy != nil || unfamiliar ?? 0 > Familiarity.defaultMaximum
        }

        /// Whether the failure could rank first: above the median proxy sample and not excluded.
        public var wins: Bool { beatsProxy && !isExcluded }
    }

    public let rows: [Row]
    /// Logit of the median proxy sample; 0 if the model has no reference.
    public let proxyMedian: Double

    /// Scores the embeddings of failures.
    ///
    /// - Parameter embeddings: Embeddings by the model's encoders.
    /// - Throws: `RewardError.badScore`.
    public init(
        _ model: RewardModel, _ embeddings: [FailureEmbedding]
    ) throws(RewardError) {
        let median = Double(model.reference?.proxy.quantiles[50] ?? 0)
        proxyMedian = median
        rows = try embeddings.map { (failure) throws(RewardError) in
            let score = try model.score(of: failure.embedding).checked()
            return Row(
                name: failure.pattern.name, kind: failure.kind,
                isInTraining: failure.pattern.isInTraining,
                logit: score.logit,
                percentile: model.reference?.generated.percentile(of: score.logit),
                unfamiliar: model.unfamiliarity(of: score), degeneracy: failure.degeneracy,
                beatsProxy: score.logit > median)
        }
    }

    /// Embeds and scores all failure patterns, as each kind of input that the model was trained
    /// for.
    ///
    /// - Parameter progress: Called with the numbers of embeddings that are done and of all; may throw
    ///   to stop.
    /// - Throws: The errors of `FailureEmbedding.embeddings`.
    public init(
        _ scorer: Scorer, store: EmbeddingStore? = nil,
        progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws {
        let model = scorer.model
        // If both kinds have the same encoder, an image and a still video have the same embedding.
        let isShared = model.encoders[.image] == model.encoders[.video]
        try self.init(
            model,
            try FailureEmbedding.embeddings(
                of: FailurePattern.all, as: isShared ? [.video] : Set(model.encoders.keys),
                by: scorer.encoders, sampling: model.sampling, store: store, progress: progress))
    }

    /// A summary in one sentence.
    public var summary: String {
        let known = rows.count { $0.degeneracy != nil }
        let unfamiliar = rows.count {
            $0.degeneracy == nil && $0.isExcluded
        }
        let below = rows.count { !$0.beatsProxy }
        return """
            \(below) of \(rows.count) failures have logits below the median proxy sample's; \(known) are \
            excluded by their pixels and \(unfamiliar) more as unfamiliar; \(rows.count(where: \.wins)) would win
            """
    }

    /// A warning if a failure's logit is above the median proxy sample's; nil if none is.
    public var warning: String? {
        let above = rows.filter(\.beatsProxy).sorted { $0.logit > $1.logit }
        guard let worst = above.first else { return nil }
        let winners = above.count(where: \.wins)
        return """
            \(above.count) of \(rows.count) failures have logits above the median proxy's \
            (\(worst.name): \(Self.text(worst.logit)), proxy: \(Self.text(proxyMedian))); \
            \(winners == 0 ? "they are kept from winning, but not when they are blended with content" : "\(winners) would win"): \
            see ganrm head check
            """
    }
}
