import ArgumentParser
import Files
import Pipeline
import Scoring

struct Score: ParsableCommand {
    enum Per: String, ExpressibleByArgument, CaseIterable {
        case input, clip
    }

    static let configuration = CommandConfiguration(
        abstract: "Score inputs with a reward model.",
        discussion: """
            A score is σ(logit), between 0 (like raw generator output) and 1 (like the proxy data). \
            A video's logit is the mean of its clips' logits.
            """)

    @OptionGroup(title: "Inputs") var input: InputOptions
    @OptionGroup(title: "Encoder") var encoder: EncoderOptions
    @OptionGroup(title: "Sampling") var sampling: SamplingOptions
    @OptionGroup(title: "Store") var store: StoreOptions

    @Option(help: "The reward model: a file or folder, or default.", completion: .rewardModels)
    var model = "default"

    @Option(help: .hidden)
    var head: String?

    @Option(help: "Write a row for each input, or one for each clip as soon as it is scored.")
    var per: Per = .input

    @Flag(
        help: """
            If the encoder is slower than a stream, drop whole clips, the oldest first, instead of \
            making the stream wait; dropped clips are counted.
            """)
    var realtime = false

    @Option(help: "Format of the rows.")
    var format: ResultFormat = .jsonl

    @Option(
        help: """
            Order of the rows: input writes each as soon as it is known; score (best first) and name \
            keep all rows in memory and write them at the end.
            """)
    var sort: RowOrder = .input

    @OptionGroup var rows: RowOutputOptions

    @Flag(name: .shortAndLong, help: "No progress and no messages for failed inputs.")
    var quiet = false

    @OptionGroup var terminal: TerminalOptions

    func validate() throws {
        try input.requireInputs()
        guard head == nil else { throw ValidationError("--head is gone; use --model") }
        if realtime && sampling.sampling == .uniform {
            throw ValidationError(
                "--realtime drops clips; uniform sampling has one, use --sampling window")
        }
        guard sort == .input || (per == .input && !rows.resume) else {
            throw ValidationError(
                "--sort \(sort.rawValue) goes with --per input and without --resume")
        }
        guard !rows.resume || format == .jsonl && per == .input else {
            throw ValidationError("--resume goes with --format jsonl and --per input")
        }
    }

    func run() throws {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        // Before the model is loaded, which takes seconds.
        let writer = try rows.writer(isResumable: sort == .input)
        let opened = try store.open()
        defer { StoreOptions.report(opened) }
        let scoring = try InputScoring(
            encoder.scorer(model: model, isQuiet: quiet),
            sampling: sampling.overrides(perClip: per == .clip),
            mediaOptions: input.mediaOptions(), batchSize: encoder.batch, store: opened,
            isRealTime: realtime)
        let resumed = try rows.resumed(expecting: scoring.provenance.signature)
        let requests = try input.requests(answered: resumed)
        func begin() throws {
            try writer.begin(at: resumed?.offset ?? 0)
            if let header = format.header { try writer.write(header) }
        }
        if sort == .input { try begin() }

        let done = resumed?.lineCount ?? 0
        var tally = Tally(
            "scored", done: done, failed: resumed?.failureCount ?? 0,
            progress: ProgressLine(done: done, total: requests.total, isQuiet: quiet),
            isQuiet: quiet, showsFailures: !Terminal.shows(writer))
        tally.progress.show()
        var dropped = DroppedClips()
        // Only with --sort.
        var kept: [ScoreRow] = []
        try scoring.run(requests, keepsClips: per == .input, interruption: interruption) { event in
            switch event {
            case .clip(_, let row):
                dropped.countClip()
                guard per == .clip else { return }
                try Terminal.printResult(format.line(row), to: writer)
            case .dropped(let request, let count):
                if let notice = dropped.add(count, of: request) { tally.notice(notice) }
            case .ended(let request, let row):
                if sort != .input {
                    kept.append(row)
                } else if per == .input || row.failure != nil {
                    try Terminal.printResult(format.line(row), to: writer)
                }
                if let notice = dropped.end(request) { tally.notice(notice) }
                if per == .clip, let reason = row.truncation {
                    tally.notice("'\(request.input)' ended early: \(reason)")
                }
                tally.count(failure: row.failure, name: request.input)
                tally.summary.add(row)
            }
        }
        // A file is replaced by the rows of all inputs only.
        let isIncomplete = tally.isCutShort(by: interruption, of: requests.total)
        if sort != .input, !isIncomplete || rows.output == nil || rows.output == "-" {
            try begin()
            for row in sort.sorted(kept) { try Terminal.printResult(format.line(row), to: writer) }
        }
        try writer.finish()
        try tally.finish(interruption: interruption, remedy: remedy)
    }

    private var remedy: String? {
        rows.remedy(
            isResumable: format == .jsonl && per == .input && sort == .input, store: store)
    }
}

extension Score: WritesOutput {
    var outputFile: String? { rows.output }

    var readFiles: ReadFiles {
        ReadFiles(files: [try? DefaultModel.path(ofModel: model)]) + input.readFiles
            + encoder.readFiles + store.readFiles
    }
}
