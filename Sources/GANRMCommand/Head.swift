import ArgumentParser
import Foundation
import GANRM
import Reward
import Scoring

struct Head: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look into a reward model.", subcommands: [Info.self])

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
