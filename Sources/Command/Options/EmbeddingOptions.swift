import ArgumentParser
import Encoders
import Media
import Pipeline
import Scoring
import Store

/// Options for embedding inputs, for commands that have no reward model yet.
struct EmbeddingOptions: ParsableArguments {
    @OptionGroup(title: "Encoder") var encoder: EncoderOptions
    @OptionGroup(title: "Sampling") var sampling: SamplingOptions
    @OptionGroup(title: "Store") var store: StoreOptions

    @Option(
        help: """
            Blocks to take embeddings from, as 5,8,11 (default: the last one; for train, those of \
            the default reward model).
            """
    )
    var taps: BlockList?

    @Option(
        help: """
            Also compute motion features, from the patch tokens of this block, for train --parts; an \
            image encoder then samples two bursts of 6 frames, unless --frames and --burst say \
            otherwise.
            """)
    var motion: Int?

    func validate() throws {
        try OptionRange.check("--motion", motion, 1...4096)
    }

    /// - Parameters:
    ///   - perClip: Whether each clip becomes a row of its own.
    ///   - defaults: Used whole if neither taps, motion nor sampling are given; else only its taps,
    ///     unless they are given.
    func inputEmbedding(
        mediaOptions: MediaOptions = .init(), perClip: Bool = false,
        like defaults: EmbeddingDefaults? = nil, store: EmbeddingStore?
    ) -> InputEmbedding {
        let overrides = sampling.overrides(perClip: perClip)
        let loading = encoder.loading
        let defaults = defaults.flatMap { loading.usesEncoders(of: $0.encoders) ? $0 : nil }
        let isWhole = taps == nil && motion == nil && overrides == SamplingOverrides()
        var identities = defaults?.encoders ?? [:]
        if !isWhole { identities = identities.mapValues { $0.withoutMotion } }
        var recipe: (@Sendable (EncoderArchitecture) -> MotionRecipe?)?
        if let block = motion {
            let burst = sampling.burst
            recipe = { MotionRecipe.usual(block: block, burst: burst, for: $0) }
        }
        let encoders = loading.encoders(taps: taps?.blocks, like: identities, motion: recipe)
        return InputEmbedding(
            encoders, sampling: overrides, defaultSampling: isWhole ? defaults?.sampling : nil,
            mediaOptions: mediaOptions, batchSize: encoder.batch, store: store)
    }
}

/// Indices of encoder blocks, from 1, separated by commas.
struct BlockList: ExpressibleByArgument {
    let blocks: [Int]

    init?(argument: String) {
        let indices = argument.split(separator: ",", omittingEmptySubsequences: false).map {
            Int($0)
        }
        guard indices.allSatisfy({ ($0 ?? 0) >= 1 }) else { return nil }
        blocks = indices.compactMap(\.self)
    }
}

extension EmbeddingOptions {
    var readFiles: ReadFiles { encoder.readFiles + store.readFiles }
}
