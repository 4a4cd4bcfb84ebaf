public import Encoders
public import Frames
public import Pipeline
public import Reward

/// Embeddings of all sides of a training, with the same encoders and sampling.
public struct TrainingSamples: Sendable {
    /// The role of samples in a training.
    public enum Side: String, Sendable {
        /// Proxy data: samples with the preferred quality.
        case proxy
        /// Raw outputs of the generator.
        case generated
        /// Additional outputs, for bootstrapping.
        case candidates
        /// Labelled samples of both classes, for validation.
        case validation
    }

    /// Proxy and generated samples.
    public private(set) var examples: [Example] = []
    /// Candidates for bootstrapping.
    public private(set) var candidates: [Example] = []
    /// Separate validation samples; nil if there are none.
    public private(set) var validation: [Example]?
    private var recipes = EmbeddingRecipes()
    private var origins: [Side: [SampleOrigin]] = [:]
    /// Numbers of degenerate proxy samples that are excluded or kept, by reason.
    private var excluded: [Degeneracy: Int] = [:]
    private var kept: [Degeneracy: Int] = [:]
    /// The kinds of input among the samples.
    public private(set) var kinds: Set<MediaKind> = []

    public init() {}

    /// The encoders of the embeddings, by kind of input.
    public var encoders: [MediaKind: EncoderIdentity] { recipes.encoders }
    /// The sampling of files; nil before the first side.
    public var sampling: Sampling? { recipes.sampling }

    /// Warnings about the samples, one sentence each.
    public var warnings: [String] {
        func sentence(_ counts: [Degeneracy: Int], _ end: String) -> [String] {
            guard !counts.isEmpty else { return [] }
            let reasons = Degeneracy.allCases.compactMap { reason in
                counts[reason].map { "\(reason.rawValue) \($0)" }
            }
            let count = counts.values.reduce(0, +)
            return [
                """
                \(count) proxy sample\(count == 1 ? " shows" : "s show") nothing \
                (\(reasons.joined(separator: ", "))) and \(count == 1 ? "is" : "are") \(end)
                """
            ]
        }
        return sentence(excluded, "left out")
            + sentence(kept, "trained on all the same: they are at least half of the side")
            + comparison.warnings
    }

    /// Statistics of the proxy and the generated side.
    public var comparison: SideComparison {
        SideComparison(
            proxy: SideStatistics(origins[.proxy] ?? []),
            generated: SideStatistics(origins[.generated] ?? []))
    }

    /// Adds one side.
    ///
    /// The annotations of an input set the properties of its example. Its label, 0…1, replaces the
    /// side's label of 1 or 0, which the strength of a degraded copy lowers. A degenerate sample is
    /// excluded from the proxy side, where it would label failures as good, unless at least half of
    /// that side is degenerate; and it is never used as a pseudo-positive.
    ///
    /// - Throws: `PipelineError.mixedEmbeddings` if encoders or sampling differ from those of the
    ///   sides before, `TrainingError.unlabelled` if a validation sample has no label,
    ///   `.invalidSample` for an invalid label or weight.
    public mutating func append(_ embeddings: EmbeddingSet, as side: Side) throws {
        try recipes.append(embeddings)
        var added: [Example] = []
        let contentWidth = embeddings.contentWidth
        // If at least half of the samples are degenerate, they are meant to be, such as icons.
        let inputs = embeddings.inputs.map(SampleOrigin.init)
        let undamaged = inputs.filter { !$0.annotations.isDegraded }
        let keepsDegenerate = 2 * undamaged.count { $0.degeneracy != nil } >= undamaged.count
        for (vector, origin) in zip(embeddings.vectors, inputs) {
            let annotations = origin.annotations
            if let reason = annotations.problem {
                throw TrainingError.invalidSample(input: origin.input ?? "?", reason: reason)
            }
            if side == .proxy, !annotations.isDegraded, let reason = origin.degeneracy {
                if keepsDegenerate {
                    kept[reason, default: 0] += 1
                } else {
                    excluded[reason, default: 0] += 1
                    continue
                }
            }
            kinds.insert(origin.kind ?? .video)
            origins[side, default: []].append(origin)
            if annotations.label == nil && side == .validation {
                throw TrainingError.unlabelled(input: origin.input ?? "?")
            }
            let sideLabel = side == .proxy ? 1.0 : 0
            let share =
                annotations.isDegraded
                ? annotations.strength.map(DegradedCopies.share) ?? 1 : 1
            let label = annotations.label ?? sideLabel * share
            var example =
                Example(
                    embedding: Array(vector.prefix(contentWidth)), label: label,
                    isProxy: side == .validation ? label >= 0.5 : side == .proxy,
                    weight: annotations.weight ?? 1, group: annotations.group,
                    name: origin.input, isDegraded: annotations.isDegraded,
                    original: annotations.original)
            example.motion = Array(vector.dropFirst(contentWidth))
            example.degradationKind = annotations.degradationKind
            example.isExcluded = origin.degeneracy != nil
            added.append(example)
        }
        switch side {
        case .proxy, .generated: examples += added
        case .candidates: candidates += added
        case .validation: validation = (validation ?? []) + added
        }
    }
}
