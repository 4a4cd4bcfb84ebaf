import ArgumentParser
import Evaluation
import Files
import Pages
import Pipeline
import Reward
import Scoring
import TextFormats
import Training

struct Head: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look into a reward model.", subcommands: [Info.self, Check.self])

    struct Check: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case table, jsonl, html
        }

        static let configuration = CommandConfiguration(
            abstract: "Show a head black frames, noise, stripes and other failures: none may win.",
            discussion: """
                The failures are made by FFmpeg's own sources. Those that are shown were part of the \
                training; the others no training sees. The exit code is 1 if one would win: if its logit \
                is above the median proxy's, and neither its pixels nor its distance from the training's \
                samples give it away, or if a clip could not be read. With --clips it also says how often the less damaged one of two \
                versions of a clip gets the higher logit, for each kind of damage; that takes 49 \
                embeddings of each clip.
                """)

        @Argument(help: "A reward model: a file or folder, or default.", completion: .rewardModels)
        var model = "default"

        @Option(
            parsing: .upToNextOption,
            help: "Clips to damage: files, folders, or one list; a dozen of your own will do.",
            completion: .paths)
        var clips: [String] = []

        @OptionGroup(title: "Encoder") var encoder: EncoderOptions
        @OptionGroup(title: "Store") var store: StoreOptions

        @Flag(name: .shortAndLong, help: "No progress.")
        var quiet = false

        @OptionGroup var terminal: TerminalOptions

        @Option(help: "For people, for programs, or a page.")
        var format: Format = .table

        @Option(
            name: .shortAndLong, help: "Write to a file instead of standard output.",
            completion: .paths)
        var output: String?

        func run() throws {
            let interruption = Interruption()
            let signals = SignalHandling(interruption)
            defer { withExtendedLifetime(signals) {} }
            let writer = try LineWriter(output: output, overwrites: true)
            if !clips.isEmpty { try RequestSource.check(side: clips) }
            let opened = try store.open()
            defer { StoreOptions.report(opened) }
            let scorer = try encoder.scorer(model: model)
            var tally = Tally("encoded", progress: ProgressLine(isQuiet: quiet))
            defer { tally.progress.clear() }
            tally.progress.begin("failure samples", total: nil)
            let check = try store.reportingInterruption {
                try HeadCheck(scorer, store: opened) { done, total in
                    try interruption.check()
                    tally.progress.show("failure samples", done: done, of: total)
                }
            }
            var damage: DegradationCheck?
            if !clips.isEmpty {
                damage = try store.reportingInterruption {
                    try DegradationCheck(
                        scorer, clips: clips, batchSize: encoder.batch, store: opened,
                        interruption: interruption
                    ) { tally.show($0, label: "degraded clips") }
                }
            }
            tally.printSummary()
            switch format {
            case .table:
                try writer.write(check.table)
                if let damage { try writer.write("\n" + damage.table) }
            case .jsonl:
                for row in check.json + (damage?.json ?? []) { try writer.write(row.description) }
            case .html:
                try writer.write(
                    check.html(
                        model: "\(model) (\(scorer.model.shortFingerprint))", degradations: damage))
            }
            if check.rows.contains(where: \.wins) || tally.failed > 0 {
                throw ExitStatus.someInputsFailed
            }
        }
    }

    struct Info: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case words, json
        }

        static let configuration = CommandConfiguration(
            abstract: "Say what a head was made with, how it did and what its scores mean.")

        @Argument(help: "A reward model: a file or folder, or default.", completion: .rewardModels)
        var model = "default"

        @Option(help: "For people or for programs.")
        var format: Format = .words

        func run() throws {
            let path = try DefaultModel.path(ofModel: model)
            let report = HeadReport(try RewardModel.load(path), path: path)
            try LineWriter().write(text: format == .json ? try report.json : report.text)
        }
    }
}
