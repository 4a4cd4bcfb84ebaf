public import Distances
import Encoders
public import Evaluation
import Frames
public import Media
public import Pipeline
public import Scoring
public import Store

/// Computes metrics of whole sets: distances of the features of inputs from those of a reference.
///
///     let evaluation = SetMetricEvaluation([.named("fid")], loading: ModelLoader(precision: .f32))
///     let values = try evaluation.values(of: candidates, from: .inputs(["good/"]))
///
/// A frame of a video is a sample of a metric of pictures. With a store, a file that was encoded before is neither
/// decoded nor encoded again.
public struct SetMetricEvaluation {
    /// What the inputs are compared with.
    public enum Reference: Sendable {
        /// Inputs, or a list of them (`.txt`, `.jsonl`).
        case inputs([String])
        /// Statistics of features, and the path of their file.
        case statistics(FeatureStatistics, path: String)
    }

    /// The features of one encoder and preprocessing, and their distances.
    private struct Model {
        var metrics: [Metric]
        var embedding: InputEmbedding
    }

    public let metrics: [Metric]
    private let models: [Model]

    /// - Parameters:
    ///   - metrics: At least one, each once, all of sets.
    ///   - files: Files of models that are not in the cache, by the model's name.
    ///   - frameCount: Frames of a video that are samples of metrics of pictures.
    ///   - stride: Distance of the frames that a metric of videos takes from the first one on.
    ///   - store: Cache for the embeddings of files; nil disables caching.
    /// - Throws: `CatalogueError` for an encoder that is not in the catalogue.
    public init(
        _ metrics: [Metric], loading: ModelLoader, files: [String: MetricFiles] = [:],
        frameCount: Int = 8, stride: Int = 1, mediaOptions: MediaOptions = .init(),
        batchSize: Int = 4, store: EmbeddingStore? = nil
    ) throws {
        precondition(!metrics.isEmpty && metrics.allSatisfy(\.isOfSet))
        self.metrics = metrics
        models = try MetricGroups(metrics) { $0.sharesModel(with: $1) }.groups.map { group in
            let source =
                files[group[0].requiredEncoder]?.encoder
                ?? EncoderSource(name: group[0].requiredEncoder)
            let clipLength = try loading.frameCount(of: source)
            let encoders = EncoderSet(precision: loading.precision.precision) {
                try loading.encoder(source, preprocessing: group[0].preprocessing)
            }
            // One clip from the start: the next one would begin behind the end.
            let sampling =
                clipLength == 1
                ? Sampling.uniform(UniformSampling(frameCount: frameCount, separatesFrames: true))
                : .window(
                    WindowSampling(
                        frameCount: clipLength, step: .stride(stride),
                        hop: Sampling.hops.upperBound))
            return Model(
                metrics: group,
                embedding: InputEmbedding(
                    encoders, defaultSampling: sampling, mediaOptions: mediaOptions,
                    batchSize: batchSize, store: store))
        }
    }

    /// Computes the metrics.
    ///
    /// - Parameters:
    ///   - inputs: The set.
    ///   - bootstrap: Computes intervals of Fréchet distances; nil leaves them out.
    ///   - progress: Called on the calling thread with the encoder's name; an error that it throws ends the call.
    /// - Returns: A value for each metric, in their order.
    /// - Throws: Errors of `progress` and of loading an encoder, `DistanceError` for sets that are too small and for
    ///   statistics of other features, `CancellationError` at an interruption.
    public func values(
        of inputs: [Request], from reference: Reference, bootstrap: FrechetBootstrap? = nil,
        kernel: KernelSettings = .init(), interruption: Interruption = Interruption(),
        progress: (String, InputEvent) throws -> Void = { _, _ in }
    ) throws -> [SetMetricValue] {
        var values: [SetMetricValue] = []
        for model in models {
            let name = model.metrics[0].requiredEncoder
            let precision = model.embedding.encoders.precision
            var failureCount = 0
            func features(of requests: RequestSource) throws -> EmbeddingSet {
                failureCount = 0
                let embeddings = try model.embedding.embeddings(
                    of: requests, perClip: true, interruption: interruption
                ) { event in
                    if case .ended(_, _?) = event { failureCount += 1 }
                    try progress(name, event)
                }
                try interruption.check()
                return embeddings
            }
            let known =
                switch reference {
                case .inputs(let paths):
                    DistanceSide(
                        name: paths.joined(separator: " "),
                        embeddings: try features(of: RequestSource(side: paths)),
                        precision: precision)
                case .statistics(let statistics, let path):
                    try DistanceSide(name: path, statistics: statistics)
                }
            try known.check(model.embedding)
            let embeddings = try features(of: RequestSource(inputs))
            let report = try DistanceReport(
                reference: known,
                other: DistanceSide(
                    name: "the inputs", embeddings: embeddings, precision: precision),
                bootstrap: model.metrics.contains { $0.measure == .frechetDistance }
                    ? bootstrap : nil,
                kernel: model.metrics.contains { $0.measure == .kernelDistance } ? kernel : nil)
            let degenerateCount = embeddings.inputs.count {
                SampleOrigin(row: $0).degeneracy != nil
            }
            values += model.metrics.map {
                SetMetricValue(
                    $0, report, failureCount: failureCount, degenerateCount: degenerateCount)
            }
        }
        return metrics.compactMap { metric in values.first { $0.metric == metric } }
    }
}
