import ArgumentParser
import Encoders
import Files
import Pipeline
import Preference
import Scoring
import Store
import Tokenizers

struct Encode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Embed inputs with an encoder.",
        discussion: """
            Writes the tensor embeddings, [n, 2 · width · taps], F32, one row per input in input \
            order: for each tapped block the CLS token, then the mean over all tokens; with \
            --motion, 24 motion features follow. The metadata key inputs lists the inputs of the \
            rows; with --perturb and --degrade, rows of degraded copies follow that of each input.

            --text embeds prompts with the text side of CLIP or ViCLIP: [n, width], in the space of \
            that encoder's images or videos, and the symbols of each prompt, [n, context], I32.
            """)

    @Option(help: "Write a row for each input (the mean over its clips) or for each clip.")
    var per: Score.Per = .input

    @Flag(
        help: """
            The inputs are safetensors files of preprocessed pixels: frames [n, T, H, W, 3], U8, or \
            [n, T, 3, H, W], F32, normalised.
            """)
    var pixels = false

    @Option(
        help: """
            Embed the prompts of a file, one per line, with the text side of --encoder; - is standard \
            input.
            """,
        completion: .paths)
    var text: String?

    @Option(
        help: """
            How --text splits prompts into symbols: as openai/CLIP, open_clip or Hugging Face does \
            (default: as the encoder was trained).
            """)
    var tokenizer: CLIPTokenizer.Variant?

    @Option(help: "The vocabulary for --text: merges.txt (default: the cache).", completion: .paths)
    var vocabulary: String?

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
        if text == nil {
            try input.requireInputs()
            guard tokenizer == nil, vocabulary == nil else {
                throw ValidationError("--tokenizer and --vocabulary go with --text")
            }
        } else {
            guard !input.hasInputs, !pixels, !copies.areWanted else {
                throw ValidationError(
                    "--text embeds prompts alone; embed videos and images in a run of their own")
            }
            guard embedding.encoder.encoder != nil else {
                throw ValidationError(
                    "--text needs an encoder with a text side: add --encoder clip-vit-base-patch32")
            }
        }
    }

    func run() throws {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        let lock = try OutputLock(output: output)
        defer { withExtendedLifetime(lock) {} }
        try FileSystem.checkWritable(output, isReplaced: true, failing: CommandError.file)
        if let text {
            try encodePrompts(of: text, interruption)
        } else {
            try encodeMedia(interruption)
        }
    }

    private func encodeMedia(_ interruption: Interruption) throws {
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

extension Encode {
    /// Prompts that are embedded at once.
    private static let promptBatch = 64

    private func encodePrompts(of file: String, _ interruption: Interruption) throws {
        let prompts = try PromptList(path: file).prompts
        let options = embedding.encoder
        let encoder = try options.loading.textEncoder(
            EncoderSource(name: options.encoder ?? "", weights: options.weights),
            vocabulary: vocabulary,
            tokenizer: tokenizer)
        let store = try embedding.store.open()
        defer { StoreOptions.report(store) }
        var tally = Tally("encoded", progress: ProgressLine(isQuiet: quiet))
        tally.progress.begin(total: prompts.count)
        var embeddings = PromptEmbeddings(encoder: encoder.identity, precision: encoder.precision)
        for start in stride(from: 0, to: prompts.count, by: Self.promptBatch)
        where !interruption.isRequested {
            let batch = Array(prompts[start..<min(start + Self.promptBatch, prompts.count)])
            let found = try store?.embeddings(of: batch, by: encoder) ?? encoder.embed(batch)
            for (prompt, embedding) in zip(batch, found) {
                embeddings.append(embedding, prompt: prompt)
                tally.count(failure: encoder.problem(of: embedding))
            }
        }
        tally.progress.clear()
        if tally.failed == 0, !tally.isCutShort(by: interruption, of: prompts.count) {
            try embeddings.write(to: output)
        }
        let length = encoder.tokenizer.contextLength
        for notice in quiet ? [] : Self.notices(of: embeddings, contextLength: length) {
            Terminal.printMessage("ganrm: warning: \(notice)")
        }
        try tally.finish(interruption: interruption)
    }

    /// What the encoder did not see of the prompts.
    private static func notices(of embeddings: PromptEmbeddings, contextLength: Int) -> [String] {
        let tokens = embeddings.embeddings.map(\.tokens)
        let truncated = tokens.count(where: \.isTruncated)
        let misdecoded = tokens.count(where: \.mayBeMisdecoded)
        return [
            truncated == 0
                ? nil
                : "\(truncated) of \(tokens.count) prompts have more than \(contextLength) symbols and were cut",
            misdecoded == 0
                ? nil
                : """
                \(misdecoded) of \(tokens.count) prompts look as if they had been decoded with a wrong encoding \
                (\u{c3}\u{a9} for \u{e9}); the reference would repair them, ganrm takes them as they are
                """,
        ].compactMap(\.self)
    }
}

extension Encode: WritesOutput {
    var outputFile: String? { output }

    var readFiles: ReadFiles {
        input.readFiles + embedding.readFiles + ReadFiles(files: [text, vocabulary])
    }
}
