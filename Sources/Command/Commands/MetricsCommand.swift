import ArgumentParser
import Encoders
import Files
import Metrics
import ModelCatalogue
import Pipeline
import Preference
import Scoring
import TextFormats

struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Compute the metrics that papers report beside a reward.",
        discussion: """
            The variant is part of a metric's name. Models are fetched by ganrm models pull; see ganrm \
            metrics list.
            """,
        subcommands: [Compute.self, Summary.self, List.self], defaultSubcommand: Compute.self)

    struct Compute: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case jsonl, table, json
        }

        static let configuration = CommandConfiguration(
            abstract: "Compute metrics of images and videos with their prompts.",
            discussion: """
                Writes a row for each input, with metrics by name. A picture metric of a video is the \
                mean over --frames of its frames.
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

        @Option(
            help:
                "Frames of a video, in the middle of as many equal parts, for metrics of pictures.")
        var frames = 8

        @Option(help: "How the values of frames become one.")
        var pool: FramePooling = .mean

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
            do { _ = try chosenMetrics() } catch { throw ValidationError("\(error)") }
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

            let writesRows = format == .jsonl
            let writer = try rows.writer(isResumable: writesRows)
            let prompts = try assignment()
            let opened = try store.open()
            defer { StoreOptions.report(opened) }
            let evaluation = try MetricEvaluation(
                chosenMetrics(),
                loading: ModelLoader(
                    precision: precision, threadCount: compute.threadCount),
                frameCount: frames, pooling: pool, mediaOptions: input.mediaOptions(),
                batchSize: compute.batch, store: opened)
            let resumed = try rows.resumed(expecting: evaluation.signature)
            let requests = try input.requests(answered: resumed)
            if writesRows { try writer.begin(at: resumed?.offset ?? 0) }
            let done = resumed?.lineCount ?? 0
            var tally = Tally(
                "measured", done: done, failed: resumed?.failureCount ?? 0,
                progress: ProgressLine(done: done, total: requests.total, isQuiet: quiet),
                isQuiet: quiet, showsFailures: !writesRows || !Terminal.shows(writer))
            tally.progress.show()
            var summary = MetricSummary.Builder()
            var (cut, misdecoded, empty) = (0, 0, 0)
            try evaluation.run(requests, prompts: prompts, interruption: interruption) {
                request, row in
                if writesRows { try Terminal.printResult(row.description, to: writer) }
                if !writesRows { try summary.add(row) }
                cut += row.isPromptTruncated ? 1 : 0
                misdecoded += row.isPromptMisdecoded ? 1 : 0
                empty += row.isDegenerate ? 1 : 0
                tally.count(failure: row.failure, name: request.input)
            }
            tally.progress.clear()
            if !writesRows {
                if tally.isCutShort(by: interruption, of: requests.total) {
                    try tally.finish(interruption: interruption, remedy: store.remedy)
                }
                try writer.begin(at: 0)
                let found = summary.summary()
                try writer.write(text: format == .json ? found.json.description : found.table)
            }
            try writer.finish()
            if empty > 0 {
                tally.notice(
                    "warning: \(empty) inputs have no content, as black or noise; their rows say \"degenerate\""
                )
            }
            if cut > 0 {
                tally.notice("warning: the prompts of \(cut) inputs were too long and were cut")
            }
            if misdecoded > 0 {
                tally.notice(
                    """
                    warning: the prompts of \(misdecoded) inputs look as if they had been decoded with a wrong \
                    encoding; the reference would repair them
                    """)
            }
            try tally.finish(
                interruption: interruption,
                remedy: rows.remedy(isResumable: writesRows, store: store))
        }

        /// - Throws: `MetricError.unknownMetric`.
        private func chosenMetrics() throws(MetricError) -> [Metric] {
            var chosen: [Metric] = []
            for name in metrics.split(separator: ",", omittingEmptySubsequences: false) {
                let metric = try Metric.named(String(name))
                if !chosen.contains(metric) { chosen.append(metric) }
            }
            return chosen
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

    struct Summary: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case table, json
        }

        static let configuration = CommandConfiguration(
            abstract: "Sum up rows of ganrm metrics: means and intervals.",
            discussion: """
                Intervals are of the mean, at 95 %, by bootstrap over prompts. Rows of other metrics, \
                models or precisions are refused.
                """)

        @Argument(help: "Files of rows, - for standard input.", completion: .rows)
        var rows: [String]

        @Option(help: "table for people, json for programs.")
        var format: Format = .table

        func run() throws {
            var builder = MetricSummary.Builder()
            for path in rows {
                for (number, line) in try LineReader.lines(of: path, failing: CommandError.file) {
                    do {
                        try builder.add(ScoreRow(parsing: line))
                    } catch let error as MetricError {
                        throw MetricError.rows(reason: "\(path):\(number): \(error)")
                    } catch {
                        throw MetricError.rows(
                            reason: "\(path):\(number): the line is no row: \(error)")
                    }
                }
            }
            let summary = builder.summary()
            try LineWriter().write(text: format == .json ? summary.json.description : summary.table)
        }
    }

    struct List: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case table, jsonl
        }

        static let configuration = CommandConfiguration(
            abstract: "List all metrics, their models and which are in the cache.")

        @Option(help: "table for people, jsonl for programs.")
        var format: Format = .table

        func run() throws {
            let cache = ModelCache()
            let writer = LineWriter()
            let rows = try Metric.all.map { metric in
                let entry = try Catalogue.entry(named: metric.encoder)
                let isHere =
                    (try? cache.path(of: metric.encoder)) != nil
                    && (try? cache.vocabularyPath(of: metric.encoder)) != nil
                return (metric, entry, isHere)
            }
            switch format {
            case .table:
                try writer.write(
                    text: TextTable.text(
                        [["name", "needs", "model", "here", "download", "licence"]]
                            + rows.map { metric, entry, isHere in
                                [
                                    metric.name, "prompt", metric.encoder, isHere ? "yes" : "-",
                                    entry.downloadByteCount.map { Bytes.describe($0) } ?? "unknown",
                                    entry.licence,
                                ]
                            }, numbers: 4...4))
            case .jsonl:
                for (metric, entry, isHere) in rows {
                    try writer.write(
                        JSONValue.object([
                            .init("name", .string(metric.name)),
                            .init("needs", .array([.string("prompt")])),
                            .init("model", .string(metric.encoder)), .init("here", .bool(isHere)),
                            .init(
                                "download_bytes",
                                entry.downloadByteCount.map { .integer($0) } ?? .null),
                            .init("licence", .string(entry.licence)),
                            .init("value", .string(metric.summary)),
                            .init("reference", .string(metric.source)),
                        ]).description)
                }
            }
        }
    }
}

extension MetricsCommand.Compute: WritesOutput {
    var outputFile: String? { rows.output }

    var readFiles: ReadFiles {
        input.readFiles + store.readFiles + ReadFiles(files: [grouping.prompts])
    }
}
