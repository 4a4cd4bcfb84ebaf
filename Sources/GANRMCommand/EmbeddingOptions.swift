import ArgumentParser
import Encoders
import Frames
import GANRM
import Scoring

/// How inputs become embeddings, for commands that have no reward model yet.
struct EmbeddingOptions: ParsableArguments {
    @OptionGroup(title: "Encoder") var encoder: EncoderOptions
    @OptionGroup(title: "Sampling") var sampling: SamplingOptions
    @OptionGroup(title: "Store") var store: StoreOptions

    @Option(help: "Blocks to take embeddings from, as 5,8,11 (default: the last one).")
    var taps: BlockList?

    @Option(
        help: """
            Also tell how frames follow each other, from the patch tokens of block B, for train --parts; \
            bursts of 4 frames unless --burst says otherwise.
            """)
    var motion: Int?

    /// What motion is taken from.
    var motionRecipe: MotionRecipe? {
        motion.map { MotionRecipe(block: $0, burst: sampling.burst ?? Self.usualBurst) }
    }

    /// Where motion is wanted.
    private static let usualBurst = 4

    var encoders: EncoderSet {
        encoder.loading.encoders(taps: taps?.blocks, motion: motionRecipe)
    }

    /// How inputs are sampled that one of the encoders is to see.
    func plan(for encoder: Encoder, perClip: Bool = false) throws -> SamplingPlan {
        var usual = encoder.usualSampling
        if case .uniform(var uniform) = usual, let burst = motionRecipe?.burst {
            uniform.burst = burst
            usual = .uniform(uniform)
        }
        return try sampling.plan(usual: usual, perClip: perClip)
    }
}

/// Block numbers from 1, separated by commas.
struct BlockList: ExpressibleByArgument {
    let blocks: [Int]

    init?(argument: String) {
        let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map {
            Int($0)
        }
        guard numbers.allSatisfy({ ($0 ?? 0) >= 1 }) else { return nil }
        blocks = numbers.compactMap(\.self)
    }
}
