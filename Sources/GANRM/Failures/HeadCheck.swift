public import Frames
import JSON
public import Reward
public import Scoring
public import Store

/// What a reward model makes of samples that must lose: black frames, noise, stripes and the like.
///
///     let check = try HeadCheck(scorer)
///     print(check.table)
public struct HeadCheck: Sendable {
    /// A failure and what the model says of it.
    public struct Row: Sendable {
        public let name: String
        public let kind: MediaKind
        /// Whether trainings see it.
        public let isShown: Bool
        public let logit: Double
        /// Share of generated samples with a lower logit, 0…100; nil if the model has no reference.
        public let percentile: Double?
        /// Percentile; nil if the model cannot tell.
        public let unfamiliar: Double?
        public let degeneracy: Degeneracy?
        /// Whether its logit lies above that of the median proxy sample.
        public let beatsProxy: Bool

        /// Whether `rank` and whatever builds on it keep it from winning, by default.
        public var isExcluded: Bool {
            degeneracy != nil || unfamiliar ?? 0 > Familiarity.usualMaximum
        }

        /// Whether nothing stands between it and a first place.
        public var wins: Bool { beatsProxy && !isExcluded }
    }

    public let rows: [Row]
    /// Logit of the median proxy sample; 0 if the model has no reference.
    public let proxyMedian: Double

    /// - Parameter embeddings: Made by the model's encoders.
    public init(_ model: RewardModel, _ embeddings: [FailureEmbedding]) {
        let median = Double(model.reference?.proxy.quantiles[50] ?? 0)
        proxyMedian = median
        rows = embeddings.map { failure in
            let score = model.score(of: failure.embedding)
            return Row(
                name: failure.pattern.name, kind: failure.kind, isShown: failure.pattern.isShown,
                logit: score.logit,
                percentile: model.reference?.generated.percentile(of: score.logit),
                unfamiliar: model.unfamiliarity(of: score), degeneracy: failure.degeneracy,
                beatsProxy: score.logit > median)
        }
    }

    /// Embeds all failures, as each kind of input that the model was trained for.
    ///
    /// - Throws: As `FailureEmbedding.embeddings`.
    public init(_ scorer: Scorer, store: EmbeddingStore? = nil) throws {
        let model = scorer.model
        // One encoder for both kinds that averages frames sees a still the same way.
        let isShared = model.encoders[.image] == model.encoders[.video]
        self.init(
            model,
            try FailureEmbedding.embeddings(
                of: FailurePattern.all, as: isShared ? [.video] : Set(model.encoders.keys),
                by: scorer.encoders, sampling: model.sampling, store: store))
    }

    /// How it went, in a sentence.
    public var summary: String {
        let known = rows.count { $0.degeneracy != nil }
        let unfamiliar = rows.count {
            $0.degeneracy == nil && $0.isExcluded
        }
        let below = rows.count { !$0.beatsProxy }
        return """
            of \(rows.count) failures \(below) have logits below the median proxy's; \(known) are told by their \
            pixels, \(unfamiliar) more as unfamiliar; \(rows.count(where: \.wins)) would win
            """
    }

    /// Loud words, if a failure's logit is above the median proxy's; nil if none is.
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
