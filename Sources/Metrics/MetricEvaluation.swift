import Crypto
import Encoders
import Files
import Foundation
import Frames
public import Media
public import Pipeline
public import Scoring
public import Store
import TextFormats
import Tokenizers

/// Computes metrics of images and videos with their prompts, a row for each input.
///
///     let evaluation = try MetricEvaluation([.named("clipscore")], loading: ModelLoader())
///     try evaluation.run(RequestSource(inputs: ["candidates/"]), prompts: prompts) { _, row in print(row) }
///
/// With a store, a file that was encoded before is neither decoded nor encoded again.
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
    /// For each metric, the index of its model and of its text encoder.
    private let modelIndices: [Int]
    private let sideIndices: [Int]
    /// One for each encoder, tokenizer and prefix.
    private let sides: [PromptSide]
    private let provenance: ScoreRow.Model

    /// Valid numbers of frames of a video.
    public static let frameCounts = 1...4096
    /// Inputs that one encoder embeds before the next one's turn.
    private static let chunkCount = 16

    /// - Parameters:
    ///   - metrics: At least one, each once.
    ///   - files: Files of encoders that are not in the cache, by the encoder's name.
    ///   - frameCount: Frames of a video, for metrics of pictures.
    ///   - batchSize: Maximum number of clips that are encoded at once, 1 to 4096.
    ///   - store: Cache for the embeddings of files; nil disables caching.
    /// - Throws: `CatalogueError` for a model that is not in the cache, `MetricError.noLogitScale`, `EncoderError`.
    public init(
        _ metrics: [Metric], loading: ModelLoader, files: [String: MetricFiles] = [:],
        frameCount: Int = 8, pooling: FramePooling = .mean,
        mediaOptions: MediaOptions = .init(), batchSize: Int = 4, store: EmbeddingStore? = nil
    ) throws {
        precondition(!metrics.isEmpty)
        self.metrics = metrics
        self.pooling = pooling
        self.frameCount = frameCount
        self.loading = loading
        self.mediaOptions = mediaOptions
        self.batchSize = batchSize
        self.store = store
        let (modelGroups, modelIndices) = Self.groups(of: metrics) { $0.sharesModel(with: $1) }
        let (sideGroups, sideIndices) = Self.groups(of: metrics) {
            $0.encoder == $1.encoder && $0.tokenizer == $1.tokenizer && $0.prefix == $1.prefix
        }
        (self.modelIndices, self.sideIndices) = (modelIndices, sideIndices)
        models = try modelGroups.map {
            try MetricModel(
                $0, from: files[$0[0].encoder], loading: loading, frameCount: frameCount)
        }
        sides = try sideGroups.map {
            try PromptSide($0[0], from: files[$0[0].encoder], loading: loading)
        }
        let labels = try models.map { try $0.label() }
        // Everything that a value depends on, besides precision and version.
        let identities = sides.map(\.encoder.identity).map {
            "\($0.fingerprint) \($0.tokenizer.rawValue) \($0.vocabulary)"
        }
        let parts =
            ["ganrm metrics 1", pooling.rawValue] + metrics.map(\.name) + labels + identities
        provenance = ScoreRow.Model(
            name: metrics.map(\.name).joined(separator: ","),
            fingerprint: String(
                SHA256.hash(data: Data(parts.joined(separator: "\n").utf8)).hexadecimal.prefix(12)),
            encoder: labels.joined(separator: ","))
    }

    /// Metrics that belong together, and the group of each.
    private static func groups(
        of metrics: [Metric], by belong: (Metric, Metric) -> Bool
    ) -> (groups: [[Metric]], indices: [Int]) {
        var groups: [[Metric]] = []
        let indices = metrics.map { metric in
            if let index = groups.firstIndex(where: { belong($0[0], metric) }) {
                groups[index].append(metric)
                return index
            }
            groups.append([metric])
            return groups.count - 1
        }
        return (groups, indices)
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
            sampling: .uniform(
                UniformSampling(frameCount: kind == .image ? 1 : frameCount, separatesFrames: true)),
            version: ganrmVersion)
    }
}

extension MetricEvaluation {
    /// Computes the metrics of inputs one after another, until the last one or an interruption.
    ///
    /// - Parameters:
    ///   - prompts: The prompts of inputs that bring none along.
    ///   - body: Called on the calling thread with each input's row, in order.
    /// - Throws: Errors of `body` and of loading an encoder. A failed input has a row with an error.
    public func run(
        _ requests: RequestSource, prompts: PromptAssignment = .init(),
        interruption: Interruption = Interruption(), _ body: (Request, ScoreRow) throws -> Void
    ) throws {
        // A caller that writes lines to standard input may wait for each row.
        let most = requests.total == nil ? 1 : Self.chunkCount
        while !interruption.isRequested {
            var chunk: [Request] = []
            while chunk.count < most, let request = requests.next() { chunk.append(request) }
            if chunk.isEmpty { return }
            try run(chunk, prompts, interruption, body)
        }
    }

    private func run(
        _ requests: [Request], _ prompts: PromptAssignment, _ interruption: Interruption,
        _ body: (Request, ScoreRow) throws -> Void
    ) throws {
        let texts = requests.map { prompts.prompt(of: $0) }
        let known = texts.compactMap { try? $0.get().prompt }.map { ByteString($0) }
        let entries = try sides.map { try $0.entries(of: known) }
        let encoded = try models.map { try encode(requests, by: $0, interruption) }
        // After an interruption, inputs that not all models have finished get no row.
        let complete = encoded.map(\.count).min() ?? 0
        for (index, request) in requests.prefix(complete).enumerated() {
            var row = ScoreRow(input: request.input, extras: request.extras)
            do throws(Failure) {
                let text: PromptAssignment.Found
                do { text = try texts[index].get() } catch { throw Failure(reason: error.reason) }
                try addValues(
                    to: &row, of: encoded.map { $0[index] }, prompt: text,
                    entries.map { $0[ByteString(text.prompt)] })
            } catch {
                row.failure = error.reason
            }
            row.addPosition(of: request)
            try body(request, row)
        }
    }

    /// Why an input has no values.
    private struct Failure: Error {
        var reason: String
    }

    /// The outcome of an input, the embeddings of its clips, of length 1, and whether it has no content.
    private typealias Encoded = (outcome: InputOutcome, clips: [[Float]], degeneracy: Degeneracy?)

    /// Encodes requests by one model; fewer results after an interruption.
    private func encode(
        _ requests: [Request], by model: MetricModel, _ interruption: Interruption
    ) throws -> [Encoded] {
        let pipeline = EncodingPipeline(
            encoders: model.encoders, samplingPlan: SamplingPlan(model.sampling),
            mediaOptions: mediaOptions, batchSize: batchSize, store: store)
        let source = RequestSource(requests)
        var results: [Encoded] = []
        var clips: [[Float]] = []
        var degeneracy = DegeneracyPooling()
        try pipeline.run(next: { source.next() }, interruption: interruption) { events in
            for event in events {
                switch event {
                case .clip(_, let clip):
                    clips.append(clip.embedding)
                    degeneracy.add(clip.degeneracy)
                // Its input fails. No clip is dropped, since nothing is in real time.
                case .invalidClip, .dropped: break
                case .end(_, let outcome):
                    results.append(
                        (outcome, model.unitEmbeddings(of: clips), degeneracy.degeneracy))
                    clips.removeAll(keepingCapacity: true)
                    degeneracy = DegeneracyPooling()
                }
            }
        }
        return results
    }

    private func addValues(
        to row: inout ScoreRow, of encoded: [Encoded], prompt: PromptAssignment.Found,
        _ entries: [PromptSide.Entry?]
    ) throws(Failure) {
        var summary: ReadSummary?
        for result in encoded {
            switch result.outcome {
            case .failed(let reason): throw Failure(reason: reason)
            case .finished(let found, _): summary = summary ?? found
            }
        }
        guard let summary else { return }
        var values: [(name: String, value: Double)] = []
        for (index, metric) in metrics.enumerated() {
            let (model, clips) = (models[modelIndices[index]], encoded[modelIndices[index]].clips)
            guard let entry = entries[sideIndices[index]] else {
                preconditionFailure("a prompt was left out")
            }
            if let problem = entry.problem { throw Failure(reason: problem) }
            guard !clips.isEmpty else { throw Failure(reason: "the input has no frames") }
            let value = pooling.value(
                of: clips.map {
                    metric.value(
                        ofCosine: cosine($0, entry.embedding), logitScale: model.logitScale)
                })
            guard value.isFinite else {
                throw Failure(
                    reason: "\(metric.name) is no finite number; are the weights damaged?")
            }
            values.append((metric.name, value))
        }
        if let group = prompt.group { row.group = group }
        row.prompt = prompt.prompt
        row.isPromptTruncated = entries.contains { $0?.isTruncated == true }
        row.isPromptMisdecoded = entries.contains { $0?.isMisdecoded == true }
        row.metrics = values
        row.degeneracy = encoded.lazy.compactMap(\.degeneracy).first
        row.addFacts(of: summary)
        addProvenance(for: summary.info.kind, to: &row)
    }
}
