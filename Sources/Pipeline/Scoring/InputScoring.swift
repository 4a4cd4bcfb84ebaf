public import Frames
public import Media
import OrderedCollections
import Reward
public import Scoring
public import Store
import TextFormats

/// Scores videos and images with a reward model.
///
///     let scoring = try InputScoring(ModelLoader().scorer(model: "default"))
///     try scoring.run(RequestSource(inputs: ["candidates/"])) { event in
///         if case .ended(_, let row) = event { print(row.input ?? "", row.score ?? .nan) }
///     }
///
/// With a store, a file that was encoded before is neither decoded nor encoded again.
public struct InputScoring: Sendable {
    /// An event of a run. Rows are those of `ganrm score`.
    public enum Event: Sendable {
        /// A clip was scored; the row of the clip alone.
        case clip(Request, ScoreRow)
        /// Clips were dropped before the next clip or the end of the input, in real time only.
        case dropped(Request, count: Int)
        /// An input is done; its row has a score or the reason of its failure. Once per request.
        case ended(Request, ScoreRow)
    }

    public let scorer: Scorer
    /// What is needed to reproduce the scores: model, precision, sampling and version.
    public let provenance: Provenance
    private let pipeline: EncodingPipeline

    /// - Parameters:
    ///   - sampling: Changes to the sampling of the reward model.
    ///   - batchSize: Maximum number of clips that are encoded at once, 1 to 4096. Results do not
    ///     depend on it, bit for bit.
    ///   - store: Cache for the embeddings of files; nil disables caching.
    ///   - isRealTime: Whether a stream never waits for the encoder: if it is faster, its oldest
    ///     clips are dropped. Files are refused.
    /// - Throws: `FrameError.invalidSampling`.
    public init(
        _ scorer: Scorer, sampling: SamplingOverrides = .init(),
        mediaOptions: MediaOptions = .init(), batchSize: Int = 4, store: EmbeddingStore? = nil,
        isRealTime: Bool = false
    ) throws(FrameError) {
        self.scorer = scorer
        pipeline = EncodingPipeline(
            encoders: scorer.encoders, samplingPlan: try sampling.plan(for: scorer.model.sampling),
            mediaOptions: mediaOptions, batchSize: batchSize, store: store, isRealTime: isRealTime)
        provenance = Provenance(scorer, plan: pipeline.samplingPlan)
    }

    /// Scores inputs one after another, until the last one or an interruption.
    ///
    /// Inputs that are complete at an interruption are still reported. A read that waits for a live
    /// stream only ends by `MediaInterruption`: request both.
    ///
    /// - Parameters:
    ///   - keepsClips: Whether the rows of inputs contain those of their clips. If false, memory
    ///     does not grow with the length of a stream.
    ///   - body: Called on the calling thread with each event, in input order.
    /// - Throws: Errors of `body` and of loading an encoder, and `ScoringError.clipLength` for a
    ///   sampling that an encoder does not support. A failed input has a row instead.
    public func run(
        _ requests: RequestSource, keepsClips: Bool = true,
        interruption: Interruption = Interruption(), _ body: (Event) throws -> Void
    ) throws {
        try run(
            next: { requests.next() }, keepsClips: keepsClips, interruption: interruption, body)
    }

    /// Scores the inputs that a function gives, which may wait for them; nil is the end.
    ///
    /// - Parameter next: Called on the decoding thread.
    package func run(
        next: @escaping @Sendable () -> Request?, keepsClips: Bool = true,
        interruption: Interruption = Interruption(), _ body: (Event) throws -> Void
    ) throws {
        // Dropped since the last clip of the input.
        var droppedClips = 0
        try scorer.run(
            pipeline, next: next, interruption: interruption, keepsClips: keepsClips,
            onDrop: { request, count in
                droppedClips += count
                try body(.dropped(request, count: count))
            },
            onClip: { input, clip in
                let row = ScoreRow(
                    clip, of: input, provenance: provenance,
                    droppedClips: pipeline.isRealTime ? droppedClips : nil)
                droppedClips = 0
                try body(.clip(input.request, row))
            },
            onInvalidClip: { input, clip, reason in
                let row = ScoreRow(
                    clip, of: input, failure: reason,
                    droppedClips: pipeline.isRealTime ? droppedClips : nil)
                droppedClips = 0
                try body(.clip(input.request, row))
            },
            onEnd: { result in
                droppedClips = 0
                try body(
                    .ended(
                        result.request,
                        ScoreRow(
                            result, provenance: provenance, isRealTime: pipeline.isRealTime)))
            })
    }

    /// Scores inputs, each once.
    ///
    /// - Parameters:
    ///   - inputs: Paths and URLs; folders are not expanded.
    ///   - progress: Called on the calling thread; an error that it throws ends the call.
    /// - Throws: The errors of `run`, and `CancellationError` at an interruption; embeddings
    ///   computed so far are in the store.
    public func table(
        of inputs: [String], interruption: Interruption = Interruption(),
        progress: (InputEvent) throws -> Void = { _ in }
    ) throws -> ScoreTable {
        let requests = RequestSource(
            OrderedSet(inputs.map { ByteString($0) }).map { Request(input: $0.text) })
        try progress(.began(total: requests.total))
        var table = ScoreTable()
        try run(requests, interruption: interruption) { event in
            guard case .ended(let request, let row) = event else { return }
            try progress(.ended(request, failure: table.add(row, of: request)))
        }
        try interruption.check()
        return table
    }
}
