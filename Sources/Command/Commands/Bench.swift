import ArgumentParser
import Encoders
import Files
import Frames
import ModelCatalogue
import Pipeline
import Reward
import Scoring
import TextFormats

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how fast this machine scores.",
        discussion: """
            Times decoding, preparing, encoding (by kind of layer) and the head, each alone, on clips that \
            FFmpeg's sources make, and holds the encoder's speed against that of one large matrix product in \
            the same precision. Other programs on the machine change the result: the spread shows it.
            """)

    @OptionGroup(title: "Encoder") var encoder: EncoderOptions

    @Option(
        help:
            "The reward model: a file or folder, or default (default: that, unless --encoder is given).",
        completion: .rewardModels)
    var model: String?

    @Flag(help: "Make weights up for --encoder: as fast as the real ones.")
    var randomWeights = false

    @Option(help: "Frames per clip (default: the reward model's; 8 without one).")
    var frames: Int?

    @Option(help: "Measured runs of each stage.")
    var runs = 5

    @Flag(help: "Write one JSON object instead of the table.")
    var json = false

    @OptionGroup var terminal: TerminalOptions

    func validate() throws {
        try OptionRange.check("--runs", runs, 1...1_000_000)
        try OptionRange.check("--frames", frames, Sampling.frameCounts)
        guard !randomWeights || encoder.encoder != nil && encoder.weights == nil else {
            throw ValidationError("--random-weights goes with --encoder NAME, without --weights")
        }
        guard encoder.imageEncoder == nil else {
            throw ValidationError("one encoder is measured: name it with --encoder")
        }
        guard !randomWeights || model == nil else {
            throw ValidationError("--random-weights measures an encoder alone, without --model")
        }
    }

    func run() throws {
        let loading = encoder.loading
        let measured: Encoder
        var ensemble: HeadEnsemble?
        var sampling: Sampling?
        if model == nil, let name = encoder.encoder {
            measured = try randomWeights ? loading.untrainedEncoder(name) : storedEncoder(loading)
        } else {
            let scorer = try loading.scorer(model: model ?? "default")
            let kind: MediaKind = scorer.model.encoders[.video] == nil ? .image : .video
            measured = try scorer.encoders.encoder(for: kind)
            ensemble = scorer.model.ensemble
            sampling = scorer.model.sampling
        }
        if let frames { sampling = (sampling ?? measured.defaultSampling).with(frameCount: frames) }
        var benchmark = Benchmark(
            encoder: measured, ensemble: ensemble, threadCount: loading.threadCount,
            sampling: sampling ?? measured.defaultSampling)
        benchmark.batchSize = encoder.batch
        benchmark.runCount = runs
        let progress = ProgressLine(
            unit: .items("run"), total: benchmark.stageRunCount, isQuiet: false)
        progress.show()
        defer { progress.clear() }
        let report = try benchmark.run { progress.set(done: $0) }
        progress.clear()
        try LineWriter().write(text: json ? report.json : report.table)
    }

    /// The named encoder with its stored weights.
    private func storedEncoder(_ loading: ModelLoader) throws -> Encoder {
        do {
            return try loading.encoders().encoder(for: .video)
        } catch let error as CatalogueError {
            if case .notCached = error {
                Terminal.printMessage("ganrm: to measure without them, add --random-weights")
            }
            throw error
        }
    }
}
