public import Encoders
public import Frames
import JSON
public import Reward

/// Embeddings of all sides of a training, all made in the same way.
public struct TrainingSamples: Sendable {
    /// What inputs are to a training.
    public enum Side: Sendable {
        /// Samples that people like.
        case proxy
        /// Raw outputs of the generator.
        case generated
        /// Further outputs, to bootstrap from.
        case candidates
        /// Samples of both kinds to try heads on, each with a label.
        case validation
    }

    public private(set) var examples: [Example] = []
    /// To bootstrap from.
    public private(set) var candidates: [Example] = []
    /// To try heads on; nil unless there are any of their own.
    public private(set) var validation: [Example]?
    private var recipes = EmbeddingRecipes()
    private var origins: [Side: [SampleOrigin]] = [:]
    /// How many samples of the proxy side show nothing, by the reason: left out, or trained on.
    private var leftOut: [Degeneracy: Int] = [:]
    private var kept: [Degeneracy: Int] = [:]
    /// What the samples are.
    public private(set) var kinds: Set<MediaKind> = []

    public init() {}

    /// The encoders that made embeddings, by the kinds of input that they serve.
    public var encoders: [MediaKind: EncoderIdentity] { recipes.encoders }
    /// How files were sampled; nil before the first side.
    public var sampling: Sampling? { recipes.sampling }

    /// Sentences for what somebody should know before the training.
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
        return sentence(leftOut, "left out")
            + sentence(kept, "trained on all the same: they are at least half of the side")
            + comparison.warnings
    }

    /// What the two sides are like.
    public var comparison: SideComparison {
        SideComparison(
            proxy: SideStatistics(origins[.proxy] ?? []),
            generated: SideStatistics(origins[.generated] ?? []))
    }

    /// Adds one side.
    ///
    /// A key `label` of an input (0…1) stands in for 1 or 0; `weight` says how much its loss counts;
    /// `group` keeps examples on one side of a split; `perturbed` (true) marks a degraded copy, `of` the
    /// input that it is a copy of, and `strength` lowers its label if it has none. What shows nothing (key `degenerate`) is left out of the proxy side, where it
    /// would teach that failures are good, unless at least half of that side is like that; and no pseudo-positive
    /// is made of it.
    ///
    /// - Throws: `GANRMError.mixedEmbeddings` if they were made in another way than those before,
    ///   `.unlabelled` if one to try heads on has no label.
    public mutating func append(_ embeddings: EmbeddingSet, as side: Side) throws(GANRMError) {
        try recipes.append(embeddings)
        var added: [Example] = []
        let contentWidth = embeddings.contentWidth
        // Where most are, that is what the samples are like: icons, say.
        let undamaged = embeddings.inputs.map(SampleOrigin.init).filter { !$0.isPerturbed }
        let keepsDegenerate = 2 * undamaged.count { $0.degeneracy != nil } >= undamaged.count
        for (vector, input) in zip(embeddings.vectors, embeddings.inputs) {
            let origin = SampleOrigin(row: input)
            if side == .proxy, !origin.isPerturbed, let reason = origin.degeneracy {
                if keepsDegenerate {
                    kept[reason, default: 0] += 1
                } else {
                    leftOut[reason, default: 0] += 1
                    continue
                }
            }
            kinds.insert(origin.kind ?? .video)
            origins[side, default: []].append(origin)
            let name = input["input"]?.stringValue
            let given = input["label"]?.doubleValue
            if given == nil && side == .validation { throw .unlabelled(input: name ?? "?") }
            let ofSide = side == .proxy ? 1.0 : 0
            let share =
                origin.isPerturbed
                ? input["strength"]?.integerValue.map(Perturbation.share) ?? 1 : 1
            let label = given ?? ofSide * share
            var example =
                Example(
                    embedding: Array(vector.prefix(contentWidth)), label: label,
                    isProxy: side == .validation ? label >= 0.5 : side == .proxy,
                    weight: input["weight"]?.doubleValue ?? 1, group: origin.group, name: name,
                    isPerturbed: origin.isPerturbed, original: input["of"]?.stringValue)
            example.motion = Array(vector.dropFirst(contentWidth))
            example.kindOfDamage = input["kind_of_damage"]?.stringValue
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
