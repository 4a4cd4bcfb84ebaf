public import Encoders
import Frames
import Media
import ModelCatalogue
import Reward
public import Scoring

/// Verifies an installation: scores the reference clips and compares their logits with the expected
/// ones.
public struct Verification {
    /// The result of one clip at one CPU level and precision.
    public struct Row: Sendable {
        public let clip: String
        public let level: CPULevel
        public let precision: Precision
        public let found: Double
        /// That of `f32` if there is none for the precision; nil without a reference for the clip.
        public let expected: Double?

        public var difference: Double? { expected.map { found - $0 } }

        /// Whether the logit is finite and, if there is an expected one, within the tolerance of
        /// it.
        public var isWithinTolerance: Bool {
            found.isFinite && (difference?.magnitude ?? 0) <= Verification.tolerance(of: precision)
        }
    }

    /// The largest accepted difference from the expected logit, explained in `docs/scores.md`.
    public static func tolerance(of precision: Precision) -> Double {
        switch precision {
        case .f32: 0.0005
        case .bf16: 0.1
        case .int8: 1
        }
    }

    private let name: String
    private let loading: ModelLoader
    private let scorer: Scorer
    private let kind: MediaKind
    /// Nil if the reward model has no reference scores.
    private let reference: ReferenceScores?

    /// - Parameters:
    ///   - name: A file or folder, or `default`.
    ///   - usesReference: False disables the comparison, to write new reference scores.
    /// - Throws: Errors of loading the reward model; `PipelineError.file` if the default model's
    ///   reference scores are missing, `.referenceMismatch` if they are another model's.
    public init(model name: String, loading: ModelLoader, usesReference: Bool = true) throws {
        self.name = name
        self.loading = loading
        scorer = try loading.scorer(model: name)
        kind = scorer.model.encoders[.video] == nil ? .image : .video
        let known =
            !usesReference
            ? nil
            : name == "default"
                ? try ReferenceScores.ofDefaultModel() : try? ReferenceScores.ofDefaultModel()
        if let known, name == "default", known.fingerprint != scorer.model.fingerprint {
            throw PipelineError.referenceMismatch(
                expected: known.fingerprint, found: scorer.model.fingerprint)
        }
        reference = known?.fingerprint == scorer.model.fingerprint ? known : nil
    }

    /// Names and values of everything that scores depend on: version, processor, threads, FFmpeg,
    /// model and encoder.
    public func environmentSummary() throws -> [(name: String, value: String)] {
        let model = scorer.model
        let encoder = try scorer.encoders.encoder(for: kind)
        let source = loading.sources[kind]
        let weights = try source?.weights ?? loading.store.path(of: source?.name ?? encoder.name)
        return [
            ("ganrm", ganrmVersion),
            (
                "processor",
                CPULevel.available.map(\.name).joined(separator: ", ")
                    + "; in use: \(CPULevel.inUse.name), --precision auto is "
                    + PrecisionChoice.automatic.precision.rawValue
            ),
            ("threads", "\(loading.threadCount)"),
            ("reading", "FFmpeg \(MediaLibraries.release): \(MediaLibraries.version)"),
            ("model", "\(try DefaultModel.path(ofModel: name)) (\(model.shortFingerprint))"),
            ("encoder", "\(weights) (\(encoder.identity.label))"),
        ]
    }

    /// Scores every clip at each of `levels` and at all precisions that it computes in, or at the requested one only.
    ///
    /// - Parameter body: Called with each row as soon as it is computed.
    /// - Throws: Errors of loading an encoder and of `body`, and `MediaError.pattern`.
    public func run(levels: [CPULevel] = CPULevel.available, _ body: (Row) throws -> Void) throws {
        let levelBefore = CPULevel.inUse
        defer { levelBefore.use() }
        for level in levels {
            level.use()
            let precisions =
                loading.precision == .automatic ? level.precisions : [loading.precision.precision]
            for precision in precisions {
                var loading = loading
                loading.precision = PrecisionChoice(precision)
                let scorer = try loading.scorer(model: name)
                try run(scorer) { clip, logit in
                    let expected = reference?[clip, precision] ?? reference?[clip, .f32]
                    try body(
                        Row(
                            clip: clip, level: level, precision: precision, found: logit,
                            expected: expected))
                }
            }
        }
    }

    private func run(_ scorer: Scorer, _ body: (_ clip: String, _ logit: Double) throws -> Void)
        throws
    {
        let sampling = SamplingPlan(file: scorer.model.sampling).sampling(
            for: kind, isStream: false)
        for clip in ReferenceClip.all {
            var filter = try RewardFilter(scorer, kind: kind, sampling: sampling)
            var scores: [ClipScore] = []
            for frame in try clip.video.frames() { scores += try filter.push(frame) }
            scores += try filter.finish()
            try body(clip.name, Pooling(scores.map { $0.score }).score?.logit ?? .nan)
        }
    }

    /// Scores the clips and writes the logits as the model's reference scores.
    ///
    /// - Throws: The errors of `run`, and `PipelineError.file`.
    public func write(to path: String) throws {
        var scores = ReferenceScores(fingerprint: scorer.model.fingerprint)
        try run(levels: [.inUse]) {
            if $0.precision != .int8 { scores[$0.clip, $0.precision] = $0.found }
        }
        try scores.write(to: path)
    }
}
