import Encoders
import Frames
import Media
import Pipeline
import Scoring
import Store

/// Embeds the sides of a training or of a distance, all with the same settings.
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

    /// Whether a side is a file written by `ganrm encode`.
    static func isEncoded(_ inputs: [String]) -> Bool {
        inputs.count == 1 && inputs[0].hasSuffix(".safetensors")
    }

    /// The embeddings of one side, read from a file of `ganrm encode` or computed from the inputs.
    ///
    /// - Parameters:
    ///   - degradedCopies: Degraded copies to add.
    ///   - filtering: Filtering of the decoded frames.
    /// - Returns: The embeddings, and the number of failed inputs, each of which was reported.
    func embed(
        _ inputs: [String], degradedCopies: DegradedCopies = .init(copyCount: 0),
        filtering: FrameFiltering? = nil
    ) throws -> (embeddings: EmbeddingSet, failureCount: Int) {
        if Self.isEncoded(inputs) { return (try EmbeddingSet(path: inputs[0]), 0) }
        let requests = DegradedCopyRequests(try RequestSource(side: inputs), by: degradedCopies)
        let plan = try options.plan(for: encoders.encoder(for: .video))
        var tally = Tally(progress: ProgressLine(total: requests.total, isQuiet: isQuiet))
        var mediaOptions = MediaOptions()
        if let filtering { mediaOptions.filtering = filtering }
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
