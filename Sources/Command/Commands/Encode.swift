import ArgumentParser
import Files
import Pipeline

struct Encode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Embed inputs with an encoder.",
        discussion: """
            Writes the tensor embeddings, [n, 2 · width · taps], F32, one row per input in input \
            order: for each tapped block the CLS token, then the mean over all tokens; with \
            --motion, 24 motion features follow. The metadata key inputs lists the inputs of the \
            rows; with --perturb and --degrade, rows of degraded copies follow that of each input.
            """)

    @Option(help: "Write a row for each input (the mean over its clips) or for each clip.")
    var per: Score.Per = .input

    @Flag(
        help: """
            The inputs are safetensors files of preprocessed pixels: frames [n, T, H, W, 3], U8, or \
            [n, T, 3, H, W], F32, normalised.
            """)
    var pixels = false

    @Option(name: .shortAndLong, help: "The safetensors file to write.", completion: .rewardModels)
    var output: String

    @Flag(name: .shortAndLong, help: "No progress.")
    var quiet = false

    @OptionGroup(title: "Inputs") var input: InputOptions
    @OptionGroup var embedding: EmbeddingOptions
    @OptionGroup(title: "Degraded copies") var copies: CopyOptions
    @OptionGroup var terminal: TerminalOptions

    func validate() throws {
        guard !pixels || !copies.areWanted else {
            throw ValidationError("copies are made of videos and images, not of --pixels")
        }
    }

    func run() throws {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        let lock = try OutputLock(output: output)
        defer { withExtendedLifetime(lock) {} }
        try FileSystem.checkWritable(output, isReplaced: true, failing: CommandError.file)
        let opened = try embedding.store.open()
        defer { StoreOptions.report(opened) }
        let inputEmbedding = embedding.inputEmbedding(
            mediaOptions: try input.mediaOptions(), perClip: per == .clip, store: opened)
        let requests = try input.requests()
        var tally = Tally("encoded", progress: ProgressLine(isQuiet: quiet))
        let embeddings =
            try pixels
            ? inputEmbedding.embeddings(ofPixels: requests, interruption: interruption) {
                tally.show($0)
            }
            : inputEmbedding.embeddings(
                of: requests,
                degradedCopies: copies.degradedCopies(degradesMotion: embedding.motion != nil),
                perClip: per == .clip, interruption: interruption
            ) { tally.show($0) }
        tally.progress.clear()
        // What an interruption leaves out would be missing without a sign of it.
        if tally.isCutShort(by: interruption, of: requests.total) {
            throw embedding.store.interrupted()
        }
        if embeddings.vectors.isEmpty {
            Terminal.printMessage("ganrm: nothing was encoded; '\(output)' is not written")
        } else {
            try embeddings.write(to: output)
        }
        try tally.finish(interruption: interruption, remedy: embedding.store.remedy)
    }
}

extension Encode: WritesOutput {
    var outputFile: String? { output }

    var readFiles: ReadFiles {
        input.readFiles + embedding.readFiles
    }
}
