public import Encoders
import Frames
import Media
import Reward
public import Scoring

/// Scores the reference clips and compares with what they must get: an installation proves itself.
public struct Verification {
    /// One clip at one precision.
    public struct Row: Sendable {
        public let clip: String
        public let precision: Precision
        public let found: Double
        /// Nil where nobody has written down what it must be.
        public let expected: Double?

        public var difference: Double? { expected.map { found - $0 } }

        /// Whether the logit is a number and, where one is expected, near enough to it.
        public var isFine: Bool {
            found.isFinite && (difference?.magnitude ?? 0) <= Verification.tolerance(of: precision)
        }
    }

    /// How far a logit may be from what is expected; `docs/scores.md` says where they come from.
    public static func tolerance(of precision: Precision) -> Double {
        switch precision {
        case .f32: 0.0005
        case .bf16: 0.1
        case .int8: 0.3
        }
    }

    private let name: String
    private let loading: ModelLoading
    private let scorer: Scorer
    private let kind: MediaKind
    /// Nil for a reward model that has none.
    private let reference: ReferenceScores?

    /// - Parameters:
    ///   - model: A file or folder, or `default`.
    ///   - usesReference: false: nothing is expected, the scores are to be written down.
    /// - Throws: What loading the reward model throws; `GANRMError.unreadable` if the default model's
    ///   reference scores are missing, `.otherReference` if they are another model's.
    public init(model name: String, loading: ModelLoading, usesReference: Bool = true) throws {
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
            throw GANRMError.otherReference(
                expected: known.fingerprint, found: scorer.model.fingerprint)
        }
        reference = known?.fingerprint == scorer.model.fingerprint ? known : nil
    }

    /// Whether the model's scores are known, so that they can be compared.
    public var hasReference: Bool { reference != nil }

    /// What scores depend on, name and value, in the order of reading.
    public func surroundings() throws -> [(name: String, value: String)] {
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

    /// Scores every clip at every precision: all that the processor has, or the one that was asked for.
    ///
    /// - Parameter body: Called for each row as soon as it is known.
    /// - Throws: What loading an encoder throws, `MediaError.pattern`, or what `body` throws.
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

    /// Scores the clips and writes down what they got, as the expected scores of this model.
    ///
    /// - Throws: As `run`; `GANRMError.unwritable`.
    public func write(to path: String) throws {
        var scores = ReferenceScores(fingerprint: scorer.model.fingerprint)
        try run { scores[$0.clip, $0.precision] = $0.found }
        try scores.write(to: path)
    }
}
