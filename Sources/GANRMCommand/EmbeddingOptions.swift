import ArgumentParser
import GANRM
import Scoring

/// How inputs become embeddings, for commands that have no reward model yet.
struct EmbeddingOptions: ParsableArguments {
    @OptionGroup(title: "Encoder") var encoder: EncoderOptions
    @OptionGroup(title: "Sampling") var sampling: SamplingOptions
    @OptionGroup(title: "Store") var store: StoreOptions

    @Option(help: "Blocks to take embeddings from, as 5,8,11 (default: the last one).")
    var taps: BlockList?

    var encoders: EncoderSet { encoder.loading.encoders(taps: taps?.blocks) }
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
