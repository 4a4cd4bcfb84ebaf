import Encoders
import Frames
import GANRM
import Media
import Scoring
import Store

/// Embeds the sides of a training or of a distance, all in one way.
struct SideEmbedder {
    let encoders: EncoderSet
    private let options: EmbeddingOptions
    private let store: EmbeddingStore?
    private let isQuiet: Bool
    private let interruption: Interruption

    init(
        _ options: EmbeddingOptions, store: EmbeddingStore?, isQuiet: Bool,
        interruption: Interruption
    ) {
        encoders = options.encoders
        self.options = options
        self.store = store
        self.isQuiet = isQuiet
        self.interruption = interruption
    }

    /// Whether a side is a file of `ganrm encode`.
    static func isEncoded(_ inputs: [String]) -> Bool {
        inputs.count == 1 && inputs[0].hasSuffix(".safetensors")
    }

    /// The embeddings of one side, one per input: from a file of `ganrm encode`, or by encoding now.
    ///
    /// - Parameters:
    ///   - perturbation: Makes degraded copies.
    ///   - treatment: What is done to the frames first.
    /// - Returns: Also how many inputs failed; each was reported.
    func embed(
        _ inputs: [String], perturbation: Perturbation = .init(copyCount: 0),
        treatment: FrameTreatment? = nil
    ) throws -> (embeddings: EmbeddingSet, failureCount: Int) {
        if Self.isEncoded(inputs) { return (try EmbeddingSet(path: inputs[0]), 0) }
        let requests = PerturbedRequests(try RequestSource(side: inputs), by: perturbation)
        let plan = try options.plan(for: encoders.encoder(for: .video))
        var tally = Tally(progress: Progress(total: requests.total, isQuiet: isQuiet))
        var mediaOptions = MediaOptions()
        if let treatment { mediaOptions.treatment = treatment }
        let embeddings = try EncodingPipeline(
            encoders: encoders, samplingPlan: plan, mediaOptions: mediaOptions,
            batchSize: options.encoder.batch, store: store
        ).embeddings(next: { requests.next() }, interruption: interruption) {
            tally.count(failure: $1)
        }
        tally.progress.clear()
        if interruption.isRequested { throw ExitStatus.interrupted }
        return (embeddings, tally.failed)
    }
}
