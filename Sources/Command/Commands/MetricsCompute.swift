import ArgumentParser
import Distances
import Encoders
import Evaluation
import Files
import Metrics
import Pipeline
import Preference
import Scoring
import TextFormats

extension MetricsCommand {
    struct Compute: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case jsonl, table, json
        }

        static let configuration = CommandConfiguration(
            abstract: "Compute metrics of images and videos.",
            discussion: """
                Writes a row for each input, with metrics by name. A picture metric of a video is the \
                mean over --frames of its frames. Metrics of a whole set, such as fid, compare it with \
                a --reference; they go with --format table or json.
                """)

        @OptionGroup(title: "Inputs") var input: InputOptions

        @Option(
            help: ArgumentHelp(
                "Names from ganrm metrics list, separated by commas.", valueName: "names"),
            completion: .list(Metric.all.map(\.name)))
        var metrics: String

        @Option(help: "The prompt of all inputs that bring none along.")
        var prompt: String?

        @OptionGroup(title: "Prompts") var grouping: GroupingOptions

        @OptionGroup(title: "Reference") var sets: ReferenceOptions

        @OptionGroup var metricOptions: MetricOptions

        @Option(
            help:
                "Frames of a video, in the middle of as many equal parts, for metrics of pictures.")
        var frames = 8

        @Option(help: "f32 is comparable with the values of others; bf16 and int8 are faster.")
        var precision: PrecisionChoice = .f32

        @OptionGroup(title: "Encoder") var compute: ComputeOptions
        @OptionGroup(title: "Store") var store: StoreOptions

        @Option(
            help: "jsonl: a row for each input; table and json: only the means, with intervals.")
        var format: Format = .jsonl

        @OptionGroup var rows: RowOutputOptions

        @Flag(name: .shortAndLong, help: "No progress and no messages for failed inputs.")
        var quiet = false

        @OptionGroup var terminal: TerminalOptions

        func validate() throws {
            try input.requireInputs()
            let chosen = try metricOptions.chosen(metrics)
            let ofSets = chosen.filter(\.isOfSet)
            try sets.validate(ofSets, pairs: chosen.filter(\.isOfPairs))
            guard ofSets.isEmpty || format != .jsonl else {
                throw ValidationError(
                    "\(ofSets[0].name) is a value of a whole set; add --format table or json")
            }
            guard ofSets.isEmpty || !input.inputs.contains("-") else {
                throw ValidationError(
                    "\(ofSets[0].name) reads its inputs more than once; name a file instead of -")
            }
            try OptionRange.check("--frames", frames, MetricEvaluation.frameCounts)
            guard prompt == nil || grouping.prompts == nil else {
                throw ValidationError(
                    "--prompt is that of all inputs, --prompts a file of many; use one")
            }
            guard !rows.resume || format == .jsonl else {
                throw ValidationError("--resume goes with --format jsonl")
            }
        }

        func run() throws {
            let interruption = Interruption()
            let signals = SignalHandling(interruption)
            defer { withExtendedLifetime(signals) {} }

            let lock = try sets.saveStats.map { try OutputLock(output: $0) }
            defer { withExtendedLifetime(lock) {} }
            let writesRows = format == .jsonl
            let writer = try rows.writer(isResumable: writesRows)
            let prompts = try assignment()
            let opened = try store.open()
            defer { StoreOptions.report(opened) }
            let chosen = try metricOptions.chosen(metrics)
            let (ofSets, ofInputs) = (chosen.filter(\.isOfSet), chosen.filter { !$0.isOfSet })
            let setReference = ofSets.isEmpty ? nil : try sets.openedReference()
            let pairs = chosen.contains(where: \.isOfPairs) ? try sets.pairs() : PairedReference()
            let loading = ModelLoader(precision: precision, threadCount: compute.threadCount)
            let evaluation =
                ofInputs.isEmpty
                ? nil
                : try MetricEvaluation(
                    ofInputs, loading: loading, frameCount: frames, pooling: metricOptions.pool,
                    mediaOptions: input.mediaOptions(), batchSize: compute.batch, store: opened,
                    detector: metricOptions.detectorSource)
            let resumed = try evaluation.flatMap { try rows.resumed(expecting: $0.signature) }
            var requests = try input.requests(answered: resumed)
            if writesRows { try writer.begin(at: resumed?.offset ?? 0) }
            let inputs = ofSets.isEmpty ? [] : requests.remaining()
            if !ofSets.isEmpty { requests = RequestSource(inputs) }
            let done = resumed?.lineCount ?? 0
            var tally = Tally(
                "measured", done: done, failed: resumed?.failureCount ?? 0,
                progress: ProgressLine(done: done, total: requests.total, isQuiet: quiet),
                isQuiet: quiet, showsFailures: !writesRows || !Terminal.shows(writer))
            var table = MetricTable()
            var notices = Notices()
            if let evaluation {
                tally.progress.show()
                try evaluation.run(
                    requests, prompts: prompts, reference: pairs, interruption: interruption
                ) { request, row in
                    if writesRows { try Terminal.printResult(row.description, to: writer) }
                    if !writesRows { try table.add(row) }
                    notices.count(row)
                    tally.count(failure: row.failure, name: request.input)
                }
                tally.progress.clear()
            }
            if !writesRows {
                if evaluation != nil, tally.isCutShort(by: interruption, of: requests.total) {
                    try tally.finish(interruption: interruption, remedy: store.remedy)
                }
                var found = MetricSummary(table)
                if let setReference {
                    let evaluation = try SetMetricEvaluation(
                        ofSets, loading: loading, frameCount: frames, stride: sets.stride,
                        mediaOptions: input.mediaOptions(), batchSize: compute.batch, store: opened)
                    found.sets = try store.reportingInterruption {
                        try evaluation.values(
                            of: inputs, from: setReference, bootstrap: sets.estimates.bootstrap,
                            kernel: sets.estimates.kernel, interruption: interruption
                        ) { tally.show($1, label: $0) }
                    }
                    tally.progress.clear()
                    if let path = sets.saveStats, let value = found.sets.first {
                        try value.report.referenceStatistics().write(to: path)
                    }
                    for warning in found.sets.flatMap(\.warnings) {
                        tally.notice("warning: \(warning)")
                    }
                }
                try writer.begin(at: 0)
                try writer.write(text: format == .json ? found.json.description : found.table)
            }
            try writer.finish()
            for text in notices.texts { tally.notice("warning: \(text)") }
            try tally.finish(
                interruption: interruption,
                remedy: rows.remedy(isResumable: writesRows, store: store))
        }

        /// What some rows have to be read with.
        private struct Notices {
            private var (cut, misdecoded, empty, truncated) = (0, 0, 0, 0)

            mutating func count(_ row: ScoreRow) {
                cut += row.isPromptTruncated ? 1 : 0
                misdecoded += row.isPromptMisdecoded ? 1 : 0
                empty += row.isDegenerate ? 1 : 0
                truncated += row.truncation == nil ? 0 : 1
            }

            var texts: [String] {
                var texts: [String] = []
                if empty > 0 {
                    texts.append(
                        "\(empty) inputs have no content, as black or noise; their rows say \"degenerate\""
                    )
                }
                if truncated > 0 {
                    texts.append(
                        "\(truncated) inputs are damaged or cut off; their rows say \"truncation\"")
                }
                if cut > 0 {
                    texts.append("the prompts of \(cut) inputs were too long and were cut")
                }
                if misdecoded > 0 {
                    texts.append(
                        """
                        the prompts of \(misdecoded) inputs look as if they had been decoded with a wrong \
                        encoding; the reference would repair them
                        """)
                }
                return texts
            }
        }

        private func assignment() throws -> PromptAssignment {
            if let prompt { return PromptAssignment(common: prompt) }
            guard grouping.prompts != nil || grouping.pattern != nil else {
                return PromptAssignment()
            }
            return try PromptAssignment(
                grouping.candidateGrouping(), inputs: input.inputs.filter { $0 != "-" })
        }
    }
}

extension MetricsCommand.Compute: WritesOutput {
    var outputFile: String? { rows.output }

    var outputFiles: [String] { [rows.output, sets.saveStats].compactMap(\.self) }

    var readFiles: ReadFiles {
        input.readFiles + store.readFiles + sets.readFiles
            + ReadFiles(files: [grouping.prompts, metricOptions.detector])
    }
}
