import Frames
public import Media
public import Pipeline
public import Reward
public import Scoring
public import Statistics
public import Store
public import TextFormats
import Training

/// Pairwise accuracy of a reward model on degraded clips, by kind of degradation.
///
/// There are three versions of each clip and kind, all encoded alike: undamaged, with strength 2,
/// and with strength 4. In each pair of them, the less damaged one should have the higher logit.
public struct DegradationCheck: Sendable {
    /// The result of one kind of degradation.
    public struct Row: Sendable {
        public let kind: Degradation.Kind
        /// Whether the model's damage part was trained with the kind.
        public let isInTraining: Bool
        /// Accuracy over the three pairs of each clip.
        public let accuracy: PairwiseAccuracy
    }

    /// The results in the order of `Degradation.Kind`.
    public let rows: [Row]
    public let clipCount: Int

    private static let strengths = [2, 4]

    /// Number of versions that are embedded for each clip.
    public static let versionCount = 1 + strengths.count * Degradation.Kind.allCases.count

    /// The requests for a clip's versions.
    ///
    /// - Parameter seed: Seed of the degradations.
    /// - Returns: Only the unchanged request if it has failed or has a degradation.
    public static func requests(for request: Request, seed: UInt32) -> [Request] {
        guard request.failure == nil, request.degradation == nil else { return [request] }
        let kinds = Degradation.Kind.allCases.flatMap { kind in
            strengths.map { Degradation(kind: kind, strength: $0, seed: seed) }
        }
        return ([Degradation(kind: .blur, strength: 0)] + kinds).map { degradation in
            var version = request
            version.degradation = degradation
            version.annotate(.init(degradation: degradation))
            return version
        }
    }

    /// Embeds and scores the versions of all clips; see `InputEmbedding.embeddings`.
    ///
    /// - Parameter clips: Inputs, or a list of them (`.txt`, `.jsonl`).
    /// - Throws: `PipelineError.file` for the list, errors of `progress` and of loading an encoder, and
    ///   `CancellationError` at an interruption; embeddings computed so far are in the store.
    public init(
        _ scorer: Scorer, clips: [String], batchSize: Int = 4, store: EmbeddingStore? = nil,
        interruption: Interruption = Interruption(),
        progress: (InputEvent) throws -> Void = { _ in }
    ) throws {
        let source = try RequestSource(side: clips)
        var requests: [Request] = []
        while let request = source.next() {
            requests += Self.requests(
                for: request, seed: UInt32(requests.count / Self.versionCount))
        }
        let embeddings = try InputEmbedding(
            scorer.encoders, defaultSampling: scorer.model.sampling, batchSize: batchSize,
            store: store
        ).embeddings(
            of: RequestSource(requests), interruption: interruption, progress: progress)
        try interruption.check()
        try self.init(scorer.model, embeddings)
    }

    /// Scores the versions of all clips.
    ///
    /// - Parameter embeddings: Embeddings of the inputs of `requests`, by the model's encoders.
    /// - Throws: `RewardError.badScore`.
    public init(_ model: RewardModel, _ embeddings: EmbeddingSet) throws(RewardError) {
        var clean: [ByteString: Double] = [:]
        var damaged: [ByteString: [Degradation.Kind: [Int: Double]]] = [:]
        let scores = embeddings.vectors.isEmpty ? [] : model.scores(embeddings.tensor)
        for (row, score) in zip(embeddings.inputs, scores) {
            let score = try score.checked()
            let origin = SampleOrigin(row: row)
            guard let input = origin.input, let degradation = origin.annotations.degradation,
                let kind = degradation.kind
            else { continue }
            if degradation.strength == 0 {
                clean[input] = score.logit
            } else if origin.kind != .image || !kind.isTemporal {
                damaged[input, default: [:]][kind, default: [:]][degradation.strength] =
                    score.logit
            }
        }
        clipCount = clean.count
        rows = Degradation.Kind.allCases.compactMap { kind in
            var pairs: [(winner: Double, loser: Double)] = []
            for (input, clean) in clean.sorted(by: { $0.key < $1.key }) {
                let versions = Self.strengths.compactMap { damaged[input]?[kind]?[$0] }
                guard versions.count == Self.strengths.count else { continue }
                pairs += versions.map { (clean, $0) } + [(versions[0], versions[1])]
            }
            return PairwiseAccuracy(
                winners: pairs.map(\.winner), losers: pairs.map(\.loser)
            ).map { accuracy in
                Row(
                    kind: kind,
                    isInTraining: model.degradation?.scale.kinds.contains(kind.rawValue) ?? false,
                    accuracy: accuracy)
            }
        }
    }

    /// Mean accuracy over the degradations of motion, or over those of frames; nil if there are
    /// none.
    public func mean(temporal: Bool) -> Double? {
        let accuracies = rows.filter { $0.kind.isTemporal == temporal }.map(\.accuracy.accuracy)
        return accuracies.isEmpty ? nil : accuracies.mean
    }

    /// A summary in one sentence.
    public var summary: String {
        func share(_ temporal: Bool) -> String { HeadCheck.text(mean(temporal: temporal)) }
        return """
            in \(share(false)) (frames) and \(share(true)) (motion) of the pairs of versions of \(clipCount) \
            clip\(clipCount == 1 ? "" : "s"), the less damaged one has the higher logit; chance is 0.50
            """
    }
}

extension DegradationCheck {
    /// The header, then a line of fields for each kind, what is seen least first.
    package var lines: [[String]] {
        [["damage", "to", "shown", "pairs", "right"]]
            + rows.sorted { $0.accuracy.accuracy < $1.accuracy.accuracy }.map { row in
                [
                    row.kind.rawValue, row.kind.isTemporal ? "motion" : "frames",
                    row.isInTraining ? "yes" : "no", "\(row.accuracy.count)",
                    HeadCheck.text(row.accuracy.accuracy),
                ]
            }
    }

    /// A table with a line per kind, in ascending order of accuracy, followed by the summary.
    public var table: String {
        TextTable.text(lines, numbers: 3...4) + "\n\(summary)"
    }

    /// One object per kind.
    public var json: [JSONValue] {
        rows.map { row in
            [
                "damage": .string(row.kind.rawValue),
                "to": .string(row.kind.isTemporal ? "motion" : "frames"),
                "shown": .bool(row.isInTraining),
                "pairs": .integer(row.accuracy.count),
                "right": .number(row.accuracy.accuracy),
            ]
        }
    }
}
