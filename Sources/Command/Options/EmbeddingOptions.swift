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

    @Option(help: "Blocks to take embeddings from, as 5,8,11 (default: the last one).")
    var taps: BlockList?

    @Option(
        help: """
            Also tell how frames follow each other, from the patch tokens of block B, for train --parts; \
            two bursts of 6 frames for an image encoder, unless --frames and --burst say otherwise.
            """)
    var motion: Int?

    func validate() throws {
        try OptionRange.check("--motion", motion, 1...4096)
    }

    /// - Parameter perClip: Whether each clip becomes a row of its own.
    func inputEmbedding(
        mediaOptions: MediaOptions = .init(), perClip: Bool = false, store: EmbeddingStore?
    ) -> InputEmbedding {
        let (block, burst) = (motion, sampling.burst)
        let encoders = encoder.loading.encoders(taps: taps?.blocks) { configuration in
            block.map { MotionRecipe.usual(block: $0, burst: burst, for: configuration) }
        }
        return InputEmbedding(
            encoders, sampling: sampling.overrides(perClip: perClip), mediaOptions: mediaOptions,
            batchSize: encoder.batch, store: store)
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
