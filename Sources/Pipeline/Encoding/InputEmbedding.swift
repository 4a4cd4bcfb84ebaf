public import Frames
public import Media
public import Scoring
public import Store

/// Embeds videos and images: one row per input, the mean over its clips, or one row per clip.
///
///     let embedding = InputEmbedding(ModelLoader().encoders())
///     let embeddings = try embedding.embeddings(of: RequestSource(inputs: ["good/"]))
///     try embeddings.write(to: "good.safetensors")
///
/// An encoder is loaded when the first input needs it. With a store, a file that was encoded before
/// is neither decoded nor encoded again.
public struct InputEmbedding: Sendable {
    public let encoders: EncoderSet
    public var mediaOptions: MediaOptions
    private let sampling: SamplingOverrides
    private let defaultSampling: Sampling?
    private let batchSize: Int
    private let store: EmbeddingStore?

    /// - Parameters:
    ///   - sampling: Changes to the default sampling.
    ///   - defaultSampling: Default sampling of files; nil selects that of the encoder for videos.
    ///   - batchSize: Maximum number of clips that are encoded at once, 1 to 4096. Results do not
    ///     depend on it, bit for bit.
    ///   - store: Cache for the embeddings of files; nil disables caching.
    public init(
        _ encoders: EncoderSet, sampling: SamplingOverrides = .init(),
        defaultSampling: Sampling? = nil, mediaOptions: MediaOptions = .init(),
        batchSize: Int = 4, store: EmbeddingStore? = nil
    ) {
        self.encoders = encoders
        self.mediaOptions = mediaOptions
        self.sampling = sampling
        self.defaultSampling = defaultSampling
        self.batchSize = batchSize
        self.store = store
    }

    /// Embeds inputs one after another, until the last one or an interruption.
    ///
    /// - Parameters:
    ///   - degradedCopies: Copies of each input that are embedded after it.
    ///   - perClip: Whether each clip becomes a row of its own.
    ///   - progress: Called on the calling thread; an error that it throws ends the call.
    /// - Throws: Errors of `progress` and of loading an encoder, `FrameError.invalidSampling`, and
    ///   `ScoringError.clipLength` for a sampling that an encoder does not support.
    public func embeddings(
        of requests: RequestSource, degradedCopies: DegradedCopies = .init(),
        perClip: Bool = false, interruption: Interruption = Interruption(),
        progress: (InputEvent) throws -> Void = { _ in }
    ) throws -> EmbeddingSet {
        let plan = try samplingPlan()
        let requests = DegradedCopyRequests(requests, by: degradedCopies)
        try progress(.began(total: requests.total))
        var collector = EmbeddingCollector(
            encoders: try encoders.identities(), sampling: plan.file, perClip: perClip)
        try EncodingPipeline(
            encoders: encoders, samplingPlan: plan, mediaOptions: mediaOptions,
            batchSize: batchSize, store: store
        ).run(next: { requests.next() }, interruption: interruption) { events in
            try collector.add(events) { try progress(.ended($0, failure: $1)) }
        }
        return collector.embeddings
    }

    /// Embeds one side of a training or of a comparison, or reads its embeddings from a file.
    ///
    /// - Parameter inputs: Inputs, a list of them (`.txt`, `.jsonl`), or a `.safetensors` file that
    ///   `EmbeddingSet.write` wrote; for the latter, no encoder is loaded.
    /// - Throws: The errors of `embeddings(of:)`, `PipelineError.file` for a list, the errors of
    ///   reading an `EmbeddingSet`, and `CancellationError` at an interruption.
    public func embeddings(
        ofSide inputs: [String], degradedCopies: DegradedCopies = .init(),
        interruption: Interruption = Interruption(),
        progress: (InputEvent) throws -> Void = { _ in }
    ) throws -> EmbeddingSet {
        if let path = EmbeddingSet.path(ofSide: inputs) { return try EmbeddingSet(path: path) }
        let embeddings = try embeddings(
            of: RequestSource(side: inputs), degradedCopies: degradedCopies,
            interruption: interruption, progress: progress)
        try interruption.check()
        return embeddings
    }

    /// Embeds preprocessed clips from safetensors files, one row per clip: tensor `frames`,
    /// `[n, T, H, W, 3]` U8 (resized and cropped) or `[n, T, 3, H, W]` F32 (also normalised).
    ///
    /// - Throws: Errors of `progress` and of loading the encoder, `FrameError.invalidSampling`.
    public func embeddings(
        ofPixels requests: RequestSource, interruption: Interruption = Interruption(),
        progress: (InputEvent) throws -> Void = { _ in }
    ) throws -> EmbeddingSet {
        let plan = try samplingPlan()
        var collector = EmbeddingCollector(
            encoders: try encoders.identities(), sampling: plan.file)
        let encoder = try encoders.encoder(for: .video)
        try progress(.began(total: requests.total))
        while !interruption.isRequested, let request = requests.next() {
            try progress(
                .ended(request, failure: collector.addPixels(of: request, encoder: encoder)))
        }
        return collector.embeddings
    }

    /// The sampling of files.
    func fileSampling() throws -> Sampling { try samplingPlan().file }

    private func samplingPlan() throws -> SamplingPlan {
        try sampling.plan(
            for: defaultSampling ?? encoders.encoder(for: .video).defaultSampling)
    }
}
