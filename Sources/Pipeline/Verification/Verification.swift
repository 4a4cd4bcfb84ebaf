public import Encoders
import Frames
import Media
import ModelCatalogue
import Reward
public import Scoring

/// Verifies an installation: scores the reference clips and compares their logits with the expected
/// ones.
public struct Verification {
    /// The result of one clip at one precision.
    public struct Row: Sendable {
        public let clip: String
        public let precision: Precision
        public let found: Double
        /// Nil without a reference for this clip and precision.
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
        case .int8: 0.3
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
                "\(ComputeKernels.level); --precision auto is "
                    + PrecisionChoice.automatic.precision.rawValue
            ),
            ("threads", "\(loading.threadCount)"),
            ("reading", "FFmpeg \(MediaLibraries.release): \(MediaLibraries.version)"),
            ("model", "\(try DefaultModel.path(ofModel: name)) (\(model.shortFingerprint))"),
            ("encoder", "\(weights) (\(encoder.identity.label))"),
        ]
    }

    /// Scores every clip at all precisions that the processor supports, or at the requested one
    /// only.
    ///
    /// - Parameter body: Called with each row as soon as it is computed.
    /// - Throws: Errors of loading an encoder and of `body`, and `MediaError.pattern`.
    public func run(_ body: (Row) throws -> Void) throws {
        let precisions =
            loading.precision == .automatic
            ? ComputeKernels.precisions : [loading.precision.precision]
        for precision in precisions {
            var scorer = scorer
            if precision != scorer.encoders.precision {
                var loading = loading
                loading.precision = PrecisionChoice(precision)
                scorer = try loading.scorer(model: name)
            }
            let sampling = SamplingPlan(file: scorer.model.sampling)
                .sampling(for: kind, isStream: false)
            for clip in ReferenceClip.all {
                var filter = try RewardFilter(scorer, kind: kind, sampling: sampling)
                var scores: [ClipScore] = []
                for frame in try clip.video.frames() { scores += try filter.push(frame) }
                scores += try filter.finish()
                let logit = Pooling(scores.map { $0.score }).score?.logit ?? .nan
                try body(
                    Row(
                        clip: clip.name, precision: precision, found: logit,
                        expected: reference?[clip.name, precision]))
            }
        }
    }

    /// Scores the clips and writes the logits as the model's reference scores.
    ///
    /// - Throws: The errors of `run`, and `PipelineError.file`.
    public func write(to path: String) throws {
        var scores = ReferenceScores(fingerprint: scorer.model.fingerprint)
        try run { scores[$0.clip, $0.precision] = $0.found }
        try scores.write(to: path)
    }
}
