import Crypto
import Encoders
import Files
import Foundation
import Frames
public import Media
import ModelCatalogue
public import Pipeline
public import Scoring
public import Store
import Tensors
import TextFormats
import Tokenizers

/// Computes metrics of images and videos, a row for each input.
///
///     let evaluation = try MetricEvaluation([.named("clipscore")], loading: ModelLoader())
///     try evaluation.run(RequestSource(inputs: ["candidates/"]), prompts: prompts) { _, row in print(row) }
///
/// With a store, a file that was encoded before is neither decoded nor encoded again, and neither is a prompt.
public final class MetricEvaluation {
    public let metrics: [Metric]

    private let pooling: FramePooling
    private let frameCount: Int
    private let loading: ModelLoader
    private let mediaOptions: MediaOptions
    private let batchSize: Int
    private let store: EmbeddingStore?
    /// One for each encoder and preprocessing.
    private let models: [MetricModel]
    /// One for each encoder, tokenizer and prefix.
    private let sides: [PromptSide]
    /// The detector of those metrics that have one.
    private let nudity: NudityMetric?
    /// Of each metric.
    private let ways: [Way]
    private let provenance: ScoreRow.Model

    /// Valid numbers of frames of a video.
    public static let frameCounts = 1...4096
    /// Inputs that one encoder embeds before the next one's turn.
    package static let defaultChunkCount = 16
    /// Clips of an input that are projected at once.
    private static let projectedCount = 64

    /// - Parameters:
    ///   - metrics: At least one, each once, and none of sets.
    ///   - files: Files of models that are not in the cache, by the model's name.
    ///   - frameCount: Frames of a video, for metrics of pictures that do not take all.
    ///   - batchSize: Maximum number of clips that are encoded at once, 1 to 4096.
    ///   - store: Cache for the embeddings of files; nil disables caching.
    ///   - detector: That of metrics that need one.
    /// - Throws: `CatalogueError` for a model that is not in the cache, `EncoderError`; `MetricError` for weights without
    ///   a logit scale, and for a detector that is missing or cannot be used.
    public init(
        _ metrics: [Metric], loading: ModelLoader, files: [String: MetricFiles] = [:],
        frameCount: Int = 8, pooling: FramePooling = .mean,
        mediaOptions: MediaOptions = .init(), batchSize: Int = 4, store: EmbeddingStore? = nil,
        detector: DetectorSource? = nil
    ) throws {
        precondition(!metrics.isEmpty && !metrics.contains(where: \.isOfSet))
        self.metrics = metrics
        self.pooling = pooling
        self.frameCount = frameCount
        self.loading = loading
        self.mediaOptions = mediaOptions
        self.batchSize = batchSize
        self.store = store
        let groups = MetricGroups(metrics.filter { !$0.readsWholeFrames }) {
            $0.sharesModel(with: $1)
        }
        let models = try groups.groups.map {
            try MetricModel(
                $0, from: files[$0[0].requiredEncoder], loading: loading, frameCount: frameCount)
        }
        self.models = models
        var (sides, keys): ([PromptSide], [PromptSide.Key]) = ([], [])
        nudity = try metrics.first { $0.needs.contains(.detector) }.map { metric in
            try NudityMetric(
                metric, detector: detector, loading: loading, frameCount: frameCount,
                mediaOptions: mediaOptions)
        }
        ways = try metrics.map { metric in
            switch metric.measure {
            case .perceptualDistance(let architecture):
                return .pair(
                    try PairModel(
                        metric, architecture, files: files, loading: loading,
                        frameCount: frameCount, mediaOptions: mediaOptions))
            case .temporalFlickering:
                return .wholeFrames(TemporalFlickering(mediaOptions: mediaOptions))
            case .subjectConsistency:
                return .wholeFrames(
                    try SubjectConsistency(
                        metric, from: files[metric.requiredEncoder], loading: loading,
                        mediaOptions: mediaOptions))
            case .nudity: return .nudity
            default: break
            }
            guard let model = groups.groups.firstIndex(where: { $0.contains(metric) }) else {
                preconditionFailure("every metric of single inputs has a model")
            }
            // ImageReward's head is in the file of its encoder.
            if let name = metric.head ?? (metric.isGrounded ? metric.encoder : nil) {
                let path = try files[name]?.encoder.weights ?? loading.store.path(of: name)
                let head = try metric.head(WeightFile.open(path), of: models[model])
                return metric.measure == .inappropriateness
                    ? .inappropriateness(model: model, head) : .head(model: model, head)
            }
            if metric.measure == .frameConsistency { return .consistency(model: model) }
            guard let similarity = metric.similarity else { return .output(model: model) }
            let encoder = metric.requiredEncoder
            let key = PromptSide.Key(
                encoder: encoder, tokenizer: similarity.tokenizer, prefix: similarity.prefix)
            if let index = keys.firstIndex(of: key) {
                return .prompt(model: model, side: index, similarity)
            }
            keys.append(key)
            sides.append(
                try PromptSide(
                    similarity, encoder: encoder, from: files[encoder], loading: loading,
                    store: store))
            return .prompt(model: model, side: sides.count - 1, similarity)
        }
        self.sides = sides
        let labels =
            try models.map { try $0.label() } + ways.compactMap(\.label)
            + [nudity?.label].compactMap(\.self)
        // Everything that a value depends on, besides precision and version.
        let identities =
            sides.map(\.encoder.identity).map {
                "\($0.fingerprint) \($0.tokenizer.rawValue) \($0.vocabulary)"
            } + models.compactMap(\.groundedText?.identity) + ways.compactMap(\.headIdentity)
        let parts =
            ["ganrm metrics 1", pooling.rawValue] + metrics.map(\.name) + labels + identities
        provenance = ScoreRow.Model(
            name: metrics.map(\.name).joined(separator: ","),
            fingerprint: String(
                SHA256.hash(data: Data(parts.joined(separator: "\n").utf8)).hexadecimal.prefix(12)),
            encoder: labels.isEmpty ? nil : labels.joined(separator: ","))
    }

    /// How a metric is computed.
    private enum Way {
        /// From the projected embeddings of an input and its prompt.
        case prompt(model: Int, side: Int, PromptSimilarity)
        /// From projected embeddings.
        case head(model: Int, any EmbeddingHead)
        /// From frames by the detector.
        case nudity
        /// From projected embeddings, and from frames by the detector.
        case inappropriateness(model: Int, any EmbeddingHead)
        /// From the projected embeddings of neighbouring frames.
        case consistency(model: Int)
        /// From the outputs of a net.
        case output(model: Int)
        /// From an input and its reference.
        case pair(PairModel)
        /// From all frames of an input.
        case wholeFrames(any WholeFrameMetric)

        /// Index of the encoder in `models`; nil if the metric reads frames itself.
        var model: Int? {
            switch self {
            case .prompt(let model, _, _), .head(let model, _), .inappropriateness(let model, _),
                .consistency(let model), .output(let model):
                model
            case .nudity, .pair, .wholeFrames: nil
            }
        }

        /// Index of the text encoder in `sides`; nil if the metric has none.
        var side: Int? {
            if case .prompt(_, let side, _) = self { side } else { nil }
        }

        /// The encoder of a metric that reads whole frames; nil if it has none.
        var label: String? {
            switch self {
            case .pair(let model): model.label
            case .wholeFrames(let metric): metric.label
            case .prompt, .head, .nudity, .inappropriateness, .consistency, .output: nil
            }
        }

        /// What tells further weights from others; nil if there are none.
        var headIdentity: String? {
            switch self {
            case .prompt, .nudity, .consistency, .output, .wholeFrames: nil
            case .head(_, let head), .inappropriateness(_, let head): head.identity
            case .pair(let model): model.identity
            }
        }
    }

    /// The signature of this run's row for the same kind of input; see `ScoreRow.signature`.
    public func signature(like row: ScoreRow) -> String {
        var expected = ScoreRow()
        addProvenance(for: row.kind ?? .video, to: &expected)
        return expected.signature ?? ""
    }

    private func addProvenance(for kind: MediaKind, to row: inout ScoreRow) {
        row.setProvenance(
            model: provenance, precision: loading.precision.precision.rawValue,
            sampling: kind == .video && metrics.allSatisfy(\.takesAllFrames)
                ? .allFrames
                : .uniform(
                    UniformSampling(
                        frameCount: kind == .image ? 1 : frameCount, separatesFrames: true)),
            version: ganrmVersion)
    }
}

extension MetricEvaluation {
    /// Computes the metrics of inputs one after another, until the last one or an interruption.
    ///
    /// - Parameters:
    ///   - prompts: The prompts of inputs that bring none along.
    ///   - reference: What inputs are compared with that bring nothing along for it.
    ///   - body: Called on the calling thread with each input's row, in order.
    /// - Throws: Errors of `body` and of loading an encoder. A failed input has a row with an error.
    public func run(
        _ requests: RequestSource, prompts: PromptAssignment = .init(),
        reference: PairedReference = .init(), interruption: Interruption = Interruption(),
        _ body: (Request, ScoreRow) throws -> Void
    ) throws {
        // A caller that writes lines to standard input may wait for each row.
        try run(
            next: { waits in waits || !requests.readsStdin ? requests.next() : nil },
            prompts: prompts, reference: reference, interruption: interruption, body)
    }

    /// Computes the metrics of the inputs that a function gives.
    ///
    /// - Parameters:
    ///   - next: Returns the next request; nil at the end and, unless it is to wait, if there is none yet.
    ///   - chunkCount: Most inputs that one encoder embeds before the next one's turn.
    package func run(
        next: (_ waits: Bool) -> Request?, chunkCount: Int = MetricEvaluation.defaultChunkCount,
        prompts: PromptAssignment = .init(),
        reference: PairedReference = .init(), interruption: Interruption = Interruption(),
        _ body: (Request, ScoreRow) throws -> Void
    ) throws {
        while !interruption.isRequested, let first = next(true) {
            var chunk = [first]
            while chunk.count < chunkCount, let request = next(false) { chunk.append(request) }
            try run(chunk, prompts, reference, interruption, body)
        }
    }

    private func run(
        _ requests: [Request], _ prompts: PromptAssignment, _ reference: PairedReference,
        _ interruption: Interruption, _ body: (Request, ScoreRow) throws -> Void
    ) throws {
        let chosen = requests.map { request in
            metrics.indices.filter { request.metrics?.contains(metrics[$0].name) ?? true }
        }
        let texts = requests.map { prompts.prompt(of: $0) }
        let entries = try sides.indices.map { side in
            let known = zip(chosen, texts).compactMap { chosen, text in
                chosen.contains { ways[$0].side == side } ? (try? text.get())?.prompt : nil
            }
            return try sides[side].entries(of: known.map { ByteString($0) })
        }
        // By request, and then by model.
        var encoded = requests.map { _ in [Int: Encoded]() }
        var hasCutPrompt = requests.map { _ in false }
        for (index, model) in models.enumerated() {
            let readers = requests.indices.filter { request in
                chosen[request].contains { ways[$0].model == index }
            }
            let tokens = readers.map { reader in
                (try? texts[reader].get()).flatMap {
                    model.groundedText?.tokenizer.tokens(of: $0.prompt)
                }
            }
            for (reader, tokens) in zip(readers, tokens) where tokens?.isTruncated == true {
                hasCutPrompt[reader] = true
            }
            let results = try encode(
                readers.map { requests[$0] }, by: model, prompts: tokens, interruption)
            for (reader, result) in zip(readers, results) { encoded[reader][index] = result }
        }
        for (index, request) in requests.enumerated() {
            // After an interruption, inputs that not all models have finished get no row.
            let needed = Set(chosen[index].compactMap { ways[$0].model })
            guard needed.isSubset(of: encoded[index].keys) else { return }
            if needed.isEmpty, interruption.isRequested { return }
            var row = ScoreRow(input: request.input, extras: request.extras)
            do throws(InputFailure) {
                // Else a line that is no request has no prompt either.
                if let failure = request.failure { throw InputFailure(reason: failure) }
                let needsPrompt = chosen[index].contains { metrics[$0].needs.contains(.prompt) }
                if needsPrompt, case .failure(let missing) = texts[index] {
                    throw InputFailure(reason: missing.reason)
                }
                let text = try? texts[index].get()
                try addValues(
                    chosen[index], to: &row, of: encoded[index], prompt: text,
                    entries.map { entries in text.flatMap { entries[ByteString($0.prompt)] } },
                    reference: reference.counterpart(of: request), request)
            } catch {
                // Reading may have been interrupted, which is no failure of the input.
                if interruption.isRequested { return }
                row.failure = error.reason
            }
            if hasCutPrompt[index] { row.isPromptTruncated = true }
            row.addPosition(of: request)
            try body(request, row)
        }
    }

    /// The outcome of an input, the features of its clips, and whether it has no content.
    private typealias Encoded = (outcome: InputOutcome, clips: [[Float]], degeneracy: Degeneracy?)

    /// Encodes requests by one model; fewer results after an interruption.
    ///
    /// - Parameter prompts: Of each request; nil if there is none, or the model reads none.
    private func encode(
        _ requests: [Request], by model: MetricModel, prompts: [TokenizedText?],
        _ interruption: Interruption
    ) throws -> [Encoded] {
        guard !requests.isEmpty else { return [] }
        let pipeline = EncodingPipeline(
            encoders: model.encoders, samplingPlan: SamplingPlan(model.sampling),
            mediaOptions: mediaOptions, batchSize: batchSize,
            // All tokens of an image would take a hundred times the space of CLS and mean.
            store: model.groundedText == nil ? store : nil)
        let source = RequestSource(requests)
        var results: [Encoded] = []
        // Embeddings are projected as they come: a long video has many frames.
        var clips: [[Float]] = []
        var features: [[Float]] = []
        var degeneracy = DegeneracyPooling()
        try pipeline.run(next: { source.next() }, interruption: interruption) { events in
            for event in events {
                switch event {
                case .clip(_, let clip):
                    clips.append(clip.embedding)
                    degeneracy.add(clip.degeneracy)
                    if clips.count == Self.projectedCount {
                        features += try model.features(of: clips, prompt: prompts[results.count])
                        clips.removeAll(keepingCapacity: true)
                    }
                // Its input fails. No clip is dropped, since nothing is in real time.
                case .invalidClip, .dropped: break
                case .end(_, let outcome):
                    features += try model.features(of: clips, prompt: prompts[results.count])
                    results.append((outcome, features, degeneracy.degeneracy))
                    clips.removeAll(keepingCapacity: true)
                    features.removeAll()
                    degeneracy = DegeneracyPooling()
                }
            }
        }
        return results
    }

    /// Computes metrics of an input, by their indices, from what their models have encoded, by the model's index.
    private func addValues(
        _ chosen: [Int], to row: inout ScoreRow, of encoded: [Int: Encoded],
        prompt: PromptAssignment.Found?,
        _ entries: [PromptSide.Entry?], reference: String?, _ request: Request
    ) throws(InputFailure) {
        var summary: ReadSummary?
        var degeneracy: Degeneracy?
        for (_, result) in encoded.sorted(by: { $0.key < $1.key }) {
            switch result.outcome {
            case .failed(let reason): throw InputFailure(reason: reason)
            case .finished(let found, _): summary = summary ?? found
            }
            degeneracy = degeneracy ?? result.degeneracy
        }
        // Two metrics may need it.
        var detected: (values: [Double], facts: WholeFrames.Facts)?
        func nudity() throws(InputFailure) -> [Double] {
            if let detected { return detected.values }
            guard let nudity = self.nudity else { preconditionFailure("there is no detector") }
            guard encoded.isEmpty || request.source != .standardInput else {
                throw InputFailure(
                    reason:
                        "the detector and the encoder both read the input; name a file instead of -"
                )
            }
            let found = try nudity.values(of: request)
            detected = found
            summary = summary ?? found.facts.summary
            degeneracy = degeneracy ?? found.facts.degeneracy
            return found.values
        }
        var values: [(name: String, value: Double)] = []
        func clips(_ model: Int) -> [[Float]] {
            guard let result = encoded[model] else { preconditionFailure("a model was left out") }
            return result.clips
        }
        for (metric, way) in chosen.map({ (metrics[$0], ways[$0]) }) {
            let frames: [Double]
            switch way {
            case .prompt(let model, let side, let similarity):
                guard let entry = entries[side] else {
                    preconditionFailure("a prompt was left out")
                }
                if let problem = entry.problem { throw InputFailure(reason: problem) }
                let logitScale = models[model].logitScale
                frames = clips(model).map {
                    similarity.value(
                        ofCosine: cosine($0, entry.embedding), logitScale: logitScale)
                }
            case .head(let model, let head):
                frames = clips(model).map { metric.value(ofHead: head($0)) }
            case .nudity: frames = try nudity()
            case .inappropriateness(let model, let head):
                let (probabilities, nudity) = (clips(model).map { head($0) }, try nudity())
                guard probabilities.count == nudity.count else {
                    throw InputFailure(
                        reason: "'\(request.input)' had other frames when it was read again")
                }
                frames = zip(probabilities, nudity).map {
                    $0 > TunedPromptHead.threshold || $1 > 0 ? 1 : 0
                }
            case .consistency(let model):
                var consistency = FrameConsistency()
                for embedding in clips(model) { consistency.add(embedding) }
                frames = consistency.values
                if frames.isEmpty {
                    throw InputFailure(
                        reason: Self.noNeighbours(request, metric, summary?.info.kind ?? .image))
                }
                if degeneracy == nil, pooling.value(of: frames) > FrameConsistency.frozen {
                    degeneracy = try frozen(request)
                }
            case .output(let model):
                frames = clips(model).map { metric.value(ofOutput: $0) }
            case .pair(let model):
                guard let reference else {
                    throw InputFailure(
                        reason: """
                            '\(request.input)' has no counterpart in the reference; an input of the same name, or \
                            "reference" in its line of --list, is one
                            """)
                }
                let found = try model.values(of: request, from: reference)
                summary = summary ?? found.facts.summary
                degeneracy = degeneracy ?? found.facts.degeneracy
                frames = found.values
            case .wholeFrames(let reader):
                let found = try reader.values(of: request)
                summary = summary ?? found.facts.summary
                // Only all frames together can tell that a video is frozen.
                degeneracy = degeneracy ?? found.facts.degeneracy
                frames = found.values
                if frames.isEmpty {
                    throw InputFailure(
                        reason: Self.noNeighbours(
                            request, metric, found.facts.summary.info.kind))
                }
            }
            guard !frames.isEmpty else { throw InputFailure(reason: "the input has no frames") }
            let value = pooling.value(of: frames)
            guard value.isFinite else {
                throw InputFailure(
                    reason: "\(metric.name) is no finite number; are the weights damaged?")
            }
            values.append((metric.name, value))
        }
        guard let summary else { return }
        if let prompt {
            if let group = prompt.group { row.group = group }
            row.prompt = prompt.prompt
        }
        let read = chosen.compactMap { ways[$0].side.flatMap { entries[$0] } }
        row.isPromptTruncated = read.contains(where: \.isTruncated)
        row.isPromptMisdecoded = read.contains(where: \.isMisdecoded)
        row.metrics = values
        row.degeneracy = degeneracy
        row.addFacts(of: summary)
        addProvenance(for: summary.info.kind, to: &row)
    }

    private static func noNeighbours(_ request: Request, _ metric: Metric, _ kind: MediaKind)
        -> String
    {
        """
        '\(request.input)' \(kind == .video ? "has one frame" : "is a picture"), and \(metric.name) compares the \
        frames of a video
        """
    }

    /// Whether an input that was already read is a single frame, again and again, or has no content otherwise.
    ///
    /// - Returns: Nil for a stream, which cannot be read again.
    private func frozen(_ request: Request) throws(InputFailure) -> Degeneracy? {
        guard request.source != .standardInput, !request.source.isStream else { return nil }
        return try WholeFrames(mediaOptions: mediaOptions).read(
            request,
            sampling: .uniform(UniformSampling(frameCount: 8, separatesFrames: true))
        ).degeneracy
    }
}

extension Metric {
    /// Reads the head.
    ///
    /// - Throws: `EncoderError`.
    fileprivate func head(
        _ file: WeightFile, of model: MetricModel
    ) throws(EncoderError) -> any EmbeddingHead {
        let width = model.featureWidth
        switch measure {
        case .affine: return try AffineHead(file, width: width)
        case .groundedText: return try AffineHead(file, prefix: "mlp.", width: width)
        default: return try TunedPromptHead(file, width: width)
        }
    }

    /// The value for a number of the head.
    fileprivate func value(ofHead number: Double) -> Double {
        switch measure {
        case .affine(let factor): factor * number
        case .groundedText(let mean, let deviation): (number - mean) / deviation
        default: number
        }
    }

    /// The value for the outputs of the net.
    fileprivate func value(ofOutput output: [Float]) -> Double {
        guard case .probability = measure, output.count == 2 else {
            preconditionFailure("\(name) is no probability")
        }
        return 1 / (1 + exp(Double(output[0]) - Double(output[1])))
    }
}
