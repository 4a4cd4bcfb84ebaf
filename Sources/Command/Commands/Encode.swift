import ArgumentParser
import Encoders
import Foundation
import Frames
import Media
import Pipeline
import Scoring

struct Encode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Embed inputs with an encoder.",
        discussion: """
            Writes tensor embeddings [n, 2 · width · taps], F32, one row per input in input order: \
            for each tapped block the CLS token, then the mean over all tokens; with --motion, 24 \
            numbers more that say how frames follow each other. The metadata key inputs says which \
            row is which; with --perturb and --degrade, rows of degraded copies follow that of each input.
            """)

    @OptionGroup(title: "Inputs") var input: InputOptions
    @OptionGroup var embedding: EmbeddingOptions
    @OptionGroup(title: "Degraded copies") var copies: CopyOptions

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

    func validate() throws {
        guard !pixels || !copies.areWanted else {
            throw ValidationError("copies are made of videos and pictures, not of --pixels")
        }
    }

    func run() throws {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        let opened = try embedding.store.open()
        defer { StoreOptions.report(opened) }
        let encoders = embedding.encoders
        let requests = DegradedCopyRequests(
            try input.requests(),
            by: copies.degradedCopies(degradesMotion: embedding.motion != nil))
        var tally = Tally(progress: ProgressLine(total: requests.total, isQuiet: quiet))
        let plan = try embedding.plan(
            for: encoders.encoder(for: .video), perClip: per == .clip)
        let embeddings: EmbeddingSet
        if pixels {
            var collector = EmbeddingCollector(
                encoders: try encoders.identities(), sampling: plan.file)
            let encoder = try encoders.encoder(for: .video)
            while !interruption.isRequested, let request = requests.next() {
                tally.count(failure: collector.addPixels(of: request, encoder: encoder))
            }
            embeddings = collector.embeddings
        } else {
            embeddings = try EncodingPipeline(
                encoders: encoders, samplingPlan: plan, mediaOptions: try input.mediaOptions(),
                batchSize: embedding.encoder.batch, store: opened
            ).embeddings(
                next: { requests.next() }, perClip: per == .clip, interruption: interruption
            ) { tally.count(failure: $1) }
        }
        if embeddings.vectors.isEmpty {
            Terminal.printMessage("ganrm: nothing was encoded; '\(output)' is not written")
        } else {
            try embeddings.write(to: output)
        }
        try tally.finish(interruption: interruption)
    }
}
