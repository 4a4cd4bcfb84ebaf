import Media
public import Pipeline
public import Reward
import Scoring

/// The inputs of a training.
///
/// Each side is a list of files, folders and globs, one list of them (`.txt` or `.jsonl`, see
/// `SampleAnnotations`), or one `.safetensors` file that `EmbeddingSet.write` wrote.
public struct TrainingSides: Sendable, Hashable {
    /// Samples with the preferred quality.
    public var proxy: [String]
    /// Raw outputs of the generator.
    public var generated: [String]
    /// Further outputs, for bootstrapping; empty without it.
    public var candidates: [String]
    /// Labelled samples of both classes; if empty, a share of the others is held out.
    public var validation: [String]
    /// Copies of proxy and generated samples.
    public var degradedCopies: DegradedCopies

    public init(
        proxy: [String], generated: [String], candidates: [String] = [],
        validation: [String] = [], degradedCopies: DegradedCopies = .init()
    ) {
        self.proxy = proxy
        self.generated = generated
        self.candidates = candidates
        self.validation = validation
        self.degradedCopies = degradedCopies
    }

    private var all: [(side: TrainingSamples.Side, inputs: [String])] {
        [
            (.proxy, proxy), (.generated, generated), (.candidates, candidates),
            (.validation, validation),
        ]
    }

    /// A common format of proxy and generated samples, from the metadata of their files.
    ///
    /// - Returns: Nil if a side has no readable input.
    /// - Throws: `TrainingError.framesNeeded` for a file of embeddings, `.file` for a list, and
    ///   `CancellationError` at an interruption.
    public func match(interruption: Interruption = Interruption()) throws -> SideMatch? {
        try checkFrames(for: "--match")
        let (good, raw) = (try RequestSource(side: proxy), try RequestSource(side: generated))
        let match = SideMatch(
            proxy: SideMatch.probe(good, interruption: interruption),
            generated: SideMatch.probe(raw, interruption: interruption))
        try interruption.check()
        return match
    }

    /// How the files of embeddings among the sides were made; nil without any.
    ///
    /// - Throws: The errors of reading an `EmbeddingSet`.
    public func embeddingDefaults() throws -> EmbeddingDefaults? {
        for case let path? in all.map({ EmbeddingSet.path(ofSide: $0.inputs) }) {
            return EmbeddingDefaults(try EmbeddingSet(path: path))
        }
        return nil
    }

    /// Checks all sides before the first one is embedded, which may take hours: that their inputs
    /// exist, that validation samples have labels, and that encoders and files of embeddings go together.
    /// No media file is opened.
    ///
    /// - Parameter initial: The reward model that the training starts from.
    /// - Throws: `RewardError.encoderMismatch`, `PipelineError.noInputs`, `.mixedEmbeddings`, `.file`, the errors of reading an
    ///   `EmbeddingSet`, and `TrainingError.framesNeeded` or `.unlabelled`.
    public func check(by embedding: InputEmbedding, initial: RewardModel? = nil) throws {
        if degradedCopies.copiesPerSample > 0 {
            try checkFrames(for: degradedCopies.copyCount > 0 ? "--perturb" : "--degrade")
        }
        var recipes = EmbeddingRecipes()
        var hasMedia = false
        for (side, inputs) in all where !inputs.isEmpty {
            if let path = EmbeddingSet.path(ofSide: inputs) {
                try recipes.append(EmbeddingSet(path: path))
                continue
            }
            hasMedia = true
            try RequestSource.check(side: inputs)
            guard side == .validation else { continue }
            let requests = try RequestSource(side: inputs)
            while let request = requests.next() {
                if request.failure == nil, request.annotations.label == nil {
                    throw TrainingError.unlabelled(input: request.input)
                }
            }
        }
        guard hasMedia else { return }
        if recipes.sampling != nil { try recipes.check(embedding) }
        guard let initial else { return }
        for (kind, identity) in try embedding.encoders.identities()
        where initial.encoders[kind] != nil {
            try initial.check(identity, for: kind, ignoringMotion: true)
        }
    }

    /// Embeds all sides; an input that fails is left out.
    ///
    /// - Parameters:
    ///   - match: The format that all inputs are brought to first; nil embeds them as they are.
    ///   - progress: Called on the calling thread; each side that is not embedded yet begins with
    ///     `began`. An error that it throws ends the call.
    /// - Throws: The errors of `check`, of `InputEmbedding.embeddings(ofSide:)` and of
    ///   `TrainingSamples.append`.
    public func samples(
        by embedding: InputEmbedding, match: SideMatch? = nil,
        interruption: Interruption = Interruption(),
        progress: (TrainingSamples.Side, InputEvent) throws -> Void = { _, _ in }
    ) throws -> TrainingSamples {
        try check(by: embedding)
        var embedding = embedding
        if let match { embedding.mediaOptions.filtering = match.filtering }
        var samples = TrainingSamples()
        for (side, inputs) in all where !inputs.isEmpty {
            let isClass = side == .proxy || side == .generated
            let embeddings = try embedding.embeddings(
                ofSide: inputs, degradedCopies: isClass ? degradedCopies : DegradedCopies(),
                interruption: interruption
            ) { try progress(side, $0) }
            try samples.append(embeddings, as: side)
        }
        return samples
    }

    /// Refuses sides that are embeddings, for which no frames are available.
    private func checkFrames(for option: String) throws(TrainingError) {
        for case let path? in all.map(\.inputs.first) where path.hasSuffix(".safetensors") {
            throw .framesNeeded(path: path, option: option)
        }
    }
}
