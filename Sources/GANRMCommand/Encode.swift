import ArgumentParser
import Encoders
import Foundation
import GANRM
import Media

struct Encode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Embed inputs with an encoder.",
        discussion: """
            Writes tensor embeddings [n, 2 · width · taps], F32, one row per input in input order: \
            for each tapped block the CLS token, then the mean over all tokens. The metadata key \
            inputs says which row is which.
            """)

    @OptionGroup(title: "Inputs") var input: InputOptions
    @OptionGroup(title: "Encoder") var encoder: EncoderOptions
    @OptionGroup(title: "Sampling") var sampling: SamplingOptions
    @OptionGroup(title: "Store") var store: StoreOptions

    @Option(help: "Blocks to take embeddings from, as 5,8,11 (default: the last one).")
    var taps: BlockList?

    @Option(help: "A row for each input (the mean over its clips) or for each clip.")
    var per: Score.Per = .input

    @Flag(
        help: """
            The inputs are safetensors of ready-made pixels: frames [n, T, H, W, 3] U8, prepared, or \
            [n, T, 3, H, W] F32, normalised.
            """)
    var pixels = false

    @Option(name: .shortAndLong, help: "The safetensors file to write.")
    var output: String

    @Flag(name: .shortAndLong, help: "No progress.")
    var quiet = false

    func run() throws {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        let opened = try store.open()
        defer { StoreOptions.report(opened) }
        let encoders = encoder.loading.encoders(taps: taps?.blocks)
        let requests = try input.requests()
        var tally = Tally(progress: Progress(total: requests.total, isQuiet: quiet))
        let plan = try sampling.plan(
            usual: try encoders.encoder(for: .video).usualSampling, perClip: per == .clip)
        var collector = EmbeddingCollector(
            encoders: try encoders.identities(), sampling: plan.file, perClip: per == .clip)
        if pixels {
            let encoder = try encoders.encoder(for: .video)
            while !interruption.isRequested, let request = requests.next() {
                tally.count(failure: collector.addPixels(of: request, encoder: encoder))
            }
        } else {
            let pipeline = EncodingPipeline(
                encoders: encoders, samplingPlan: plan, mediaOptions: try input.mediaOptions(),
                batchSize: encoder.batch, store: opened)
            try pipeline.run(next: { requests.next() }, interruption: interruption) { events in
                collector.add(events) { tally.count(failure: $0) }
            }
        }
        if collector.embeddings.vectors.isEmpty {
            Terminal.complain("ganrm: nothing was encoded; '\(output)' is not written")
        } else {
            try collector.embeddings.write(to: output)
        }
        try tally.finish(interruption: interruption)
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
