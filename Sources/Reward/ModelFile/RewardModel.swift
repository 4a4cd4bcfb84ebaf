import Crypto
public import Encoders
import Files
import Foundation
public import Frames
public import Tensors

/// A trained head with the identities of its encoders and the metadata of its training.
///
/// Images use the image encoder and videos the video encoder; both may be the same encoder.
public struct RewardModel: Sendable {
    /// One head or several.
    public let ensemble: HeadEnsemble
    /// The encoder for each kind of input that the head was trained for, at least one.
    public let encoders: [MediaKind: EncoderIdentity]
    /// Sampling of the training clips.
    public let sampling: Sampling
    /// Nil for a head that was trained by another program.
    public let training: TrainingRecord?
    /// Reference distributions and temperature of the logits; nil without held-out samples.
    public let reference: ScoreReference?
    /// Distribution of the training embeddings; nil if unknown, as for models of ganrm 0.1.
    public let familiarity: Familiarity?
    /// Penalty for degradation; nil for none. Stored as `damage`.
    public let degradation: DegradationPart?
    /// SHA-256 over the head's tensors and the encoders' identities, in hexadecimal. It changes
    /// when a head is rounded to F16, because its scores change.
    public let fingerprint: String

    /// - Throws: `RewardError.badRecord` if there is no encoder, if an encoder's embeddings do not
    ///   fit the head, or if the reference is invalid.
    public init(
        ensemble: HeadEnsemble, encoders: [MediaKind: EncoderIdentity],
        sampling: Sampling = .uniform(UniformSampling()), training: TrainingRecord? = nil,
        reference: ScoreReference? = nil, familiarity: Familiarity? = nil,
        degradation: DegradationPart? = nil
    ) throws(RewardError) {
        try self.init(
            ensemble: ensemble, encoders: encoders, sampling: sampling, training: training,
            reference: reference, familiarity: familiarity, degradation: degradation,
            source: "the reward model")
    }

    init(
        ensemble: HeadEnsemble, encoders: [MediaKind: EncoderIdentity], sampling: Sampling,
        training: TrainingRecord?, reference: ScoreReference?, familiarity: Familiarity?,
        degradation: DegradationPart?, source: String
    ) throws(RewardError) {
        guard !encoders.isEmpty else {
            throw .badRecord(source: source, reason: "it names no encoder")
        }
        for encoder in encoders.values where !encoder.hasPossibleWidth {
            throw .badRecord(
                source: source,
                reason: """
                    the encoder '\(encoder.name)' gives \(encoder.embeddingWidth) values, which is \
                    impossible
                    """)
        }
        do { try sampling.validate() } catch {
            throw .badRecord(source: source, reason: "\(error)")
        }
        if let problem = reference?.problem {
            throw .badRecord(source: source, reason: "its reference has \(problem)")
        }
        for (part, width) in [
            ("familiarity", familiarity?.metric.width), ("damage part", degradation?.width),
        ] {
            guard let width, width != ensemble.width else { continue }
            throw .badRecord(
                source: source,
                reason: "its \(part) takes \(width) values, the head \(ensemble.width)")
        }
        for (role, encoder) in encoders.sorted(by: { $0.key.rawValue < $1.key.rawValue })
        where encoder.contentWidth != ensemble.width {
            throw .badRecord(
                source: source,
                reason: """
                    the \(role.rawValue) encoder '\(encoder.name)' gives \(encoder.contentWidth) \
                    values, the head takes \(ensemble.width)
                    """)
        }
        // The converse is allowed: motion selects the frames of the content, which the head was
        // trained on, whether or not motion is judged.
        if degradation?.motion != nil,
            let encoder = encoders.values.first(where: { $0.motion == nil })
        {
            throw .badRecord(
                source: source,
                reason: "it judges motion, of which '\(encoder.name)' is not asked")
        }
        self.ensemble = ensemble
        self.encoders = encoders
        self.sampling = sampling
        self.training = training
        self.reference = reference
        self.familiarity = familiarity
        self.degradation = degradation
        fingerprint = Self.fingerprint(ensemble, familiarity, degradation, encoders: encoders)
    }

    /// The scores of embeddings: the ensemble's logits of the bounded embeddings (`Familiarity`),
    /// minus the degradation penalty.
    ///
    /// - Parameter embeddings: `[n, D]`, or with motion `[n, D + MotionRecipe.featureCount]`.
    public func scores(_ embeddings: Tensor) -> [Score] {
        let width = embeddings.shape[1]
        let rows = (0..<embeddings.shape[0]).map { row in
            Array(embeddings.elements[row * width..<(row + 1) * width])
        }
        let bounded = rows.map { row in
            let content = Array(row.prefix(ensemble.width))
            return familiarity.map { $0.bounded(content) } ?? (embedding: content, distance: nil)
        }
        let scores = ensemble.scores(
            Tensor(
                shape: [rows.count, ensemble.width], elements: bounded.flatMap(\.embedding)))
        return scores.indices.map { index in
            let penalty = degradation?.penalty(of: rows[index])
            return Score(
                memberLogits: scores[index].memberLogits.map { $0 - (penalty ?? 0) },
                distance: bounded[index].distance, degradationPenalty: penalty)
        }
    }

    /// The score of one embedding, see `scores(_:)`.
    public func score(of embedding: [Float]) -> Score {
        scores(Tensor(shape: [1, embedding.count], elements: embedding))[0]
    }

    /// The percentile of a score's distance from the training embeddings, 0…100; nil if the model
    /// has no `familiarity`.
    public func unfamiliarity(of score: Score) -> Double? {
        guard let distance = score.distance else { return nil }
        return familiarity?.percentile(ofDistance: distance)
    }

    /// The fingerprint's first 12 digits, for display.
    public var shortFingerprint: String { String(fingerprint.prefix(12)) }

    /// The encoder that the head was trained with for inputs of this kind.
    ///
    /// - Throws: `RewardError.noEncoder` if it was not trained for this kind.
    public func encoder(for role: MediaKind) throws(RewardError) -> EncoderIdentity {
        guard let known = encoders[role] else {
            throw .noEncoder(
                role: role, known: MediaKind.allCases.filter { encoders[$0] != nil })
        }
        return known
    }

    /// Rejects an encoder whose embeddings differ from those that the head was trained on.
    ///
    /// Fingerprint, preprocessing, motion recipe and taps must match; the name may differ.
    ///
    /// - Throws: `RewardError.noEncoder` or `.encoderMismatch`, with both fingerprints.
    public func check(
        _ identity: EncoderIdentity, for role: MediaKind, ignoringMotion: Bool = false
    ) throws(RewardError) {
        var (known, identity) = (try encoder(for: role), identity)
        if ignoringMotion { (known, identity) = (known.withoutMotion, identity.withoutMotion) }
        func mismatch(_ reason: String) -> RewardError {
            .encoderMismatch(role: role, reason: reason)
        }
        let pair = "'\(known.name)' (fingerprint \(known.fingerprint))"
        let found = "'\(identity.name)' (fingerprint \(identity.fingerprint))"
        guard identity.fingerprint == known.fingerprint else {
            throw mismatch(
                "it was trained with \(pair), not with \(found); use that encoder or train a head")
        }
        guard identity.preprocessing == known.preprocessing else {
            throw mismatch(
                "\(pair) and \(found) differ in preprocessing; use the head's own or train a head")
        }
        guard identity.motion == known.motion else {
            throw mismatch(
                """
                it was trained \(Self.describe(known.motion)) of \(pair), and is given embeddings \
                \(Self.describe(identity.motion)); use the head's own or train a head
                """)
        }
        guard identity.taps == known.taps, identity.embeddingWidth == known.embeddingWidth else {
            throw mismatch(
                """
                it was trained on blocks \(known.taps) of \(pair), not on blocks \(identity.taps) \
                of \(found); set the taps to the head's or train a head
                """)
        }
    }

    private static func describe(_ motion: MotionRecipe?) -> String {
        motion.map { "with motion from block \($0.block), \($0.burst) frames at a time," }
            ?? "without motion"
    }

    private static func fingerprint(
        _ ensemble: HeadEnsemble, _ familiarity: Familiarity?, _ degradation: DegradationPart?,
        encoders: [MediaKind: EncoderIdentity]
    ) -> String {
        var hash = SHA256()
        // Only deviations from a single standard head add lines, so that its fingerprint is stable.
        if ensemble.isVoting { hash.update(data: Data("voting\n".utf8)) }
        for head in ensemble.members {
            if head.layout.architecture == .noResidual {
                hash.update(data: Data("no_residual\n".utf8))
            }
            for entry in head.layout.entries {
                hash.update(data: Data("\(entry.name) \(entry.shape)\n".utf8))
                // A closure, because a key path of two steps takes a third of a second for a head.
                let bits = head.values[entry.range].map { $0.bitPattern.littleEndian }
                bits.withUnsafeBytes { hash.update(bufferPointer: $0) }
            }
        }
        var parts: [String: Tensor] = [:]
        if let familiarity {
            hash.update(data: Data("\(familiarity.scale.fingerprintText)\n".utf8))
            parts = familiarity.metric.parameters(prefix: Familiarity.prefix)
        }
        if let degradation {
            hash.update(data: Data("\(degradation.scale.fingerprintText)\n".utf8))
            parts.merge(degradation.parameters) { first, _ in first }
        }
        for (name, tensor) in parts.sorted(by: { $0.key < $1.key }) {
            hash.update(data: Data("\(name) \(tensor.shape)\n".utf8))
            let bits = tensor.elements.map { $0.bitPattern.littleEndian }
            bits.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        for role in MediaKind.allCases {
            guard let encoder = encoders[role] else { continue }
            let recipe = encoder.preprocessing
            let parts: [Any] = [
                role.rawValue, encoder.fingerprint, encoder.taps, recipe.resize.rawValue,
                recipe.size, recipe.filter.rawValue, recipe.crop, recipe.mean, recipe.deviation,
            ]
            for part in parts { hash.update(data: Data("\(part)\n".utf8)) }
            if let motion = encoder.motion {
                let parts = [
                    motion.block, motion.burst, motion.contentFrames ?? 0, motion.revision,
                ]
                let text = parts.map { "\($0)" }.joined(separator: " ")
                hash.update(data: Data("motion \(text)\n".utf8))
            }
        }
        return hash.finalize().hexadecimal
    }
}
