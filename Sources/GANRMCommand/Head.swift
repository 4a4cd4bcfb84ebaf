import ArgumentParser
import Foundation
import GANRM
import JSON
import Reward
import Scoring

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
                samples give it away.
                """)

        @Argument(help: "A reward model: a file or folder, or default.")
        var model = "default"

        @OptionGroup(title: "Encoder") var encoder: EncoderOptions
        @OptionGroup(title: "Store") var store: StoreOptions

        @Option(help: "For people, for programs, or a page.")
        var format: Format = .table

        @Option(name: .shortAndLong, help: "Write to a file instead of standard output.")
        var output: String?

        func run() throws {
            let opened = try store.open()
            defer { StoreOptions.report(opened) }
            let scorer = try encoder.loading.scorer(model: model)
            if let warning = scorer.warning { Terminal.complain("ganrm: warning: \(warning)") }
            let check = try HeadCheck(scorer, store: opened)
            let writer = try output.map { try LineWriter(path: $0) } ?? LineWriter()
            switch format {
            case .table: try writer.write(check.table)
            case .jsonl: for row in check.json { try writer.write(row.description) }
            case .html:
                try writer.write(
                    check.html(model: "\(model) (\(scorer.model.shortFingerprint))"))
            }
            if check.rows.contains(where: \.wins) { throw ExitStatus.someInputsFailed }
        }
    }

    struct Info: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case words, json
        }

        static let configuration = CommandConfiguration(
            abstract: "Say what a head was made with, how it did and what its scores mean.")

        @Argument(help: "A reward model: a file or folder, or default.")
        var model = "default"

        @Option(help: "For people or for programs.")
        var format: Format = .words

        func run() throws {
            let path = try DefaultModel.path(ofModel: model)
            let report = HeadReport(try RewardModel.load(path), path: path)
            try LineWriter().write(format == .json ? report.json : report.words)
        }
    }
}
