import ArgumentParser
import Files
import Metrics
import Foundation
import Pipeline
import Rounds
import TextFormats

struct RoundsCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case jsonl, table
    }

    static let configuration = CommandConfiguration(
        commandName: "rounds",
        abstract: "Train a generator in rounds: generate, train a head, rank, train.",
        discussion: """
            The configuration names prompts, proxy data and the commands that run and train the \
            generator; see \(Documentation.path("rounds")). An interrupted run is resumed by the \
            same command. A line for each round says how far its outputs are from the proxy data.
            """)

    @Argument(
        help: "The configuration, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
    var config: String

    @OptionGroup(title: "Store") var store: StoreOptions

    @Option(
        help: "The folder of the rounds, instead of the configuration's.",
        completion: .directory)
    var state: String?

    @Flag(help: "Print the commands and check that files and programs exist; run nothing.")
    var dryRun = false

    @Option(help: "Format of the metrics.")
    var format: Format = .jsonl

    @Flag(name: .shortAndLong, help: "No progress.")
    var quiet = false

    @OptionGroup var terminal: TerminalOptions

    func run() throws {
        var configuration = try RoundsConfiguration(path: config)
        if let state {
            configuration.state = URL(fileURLWithPath: state).standardizedFileURL.path
        }
        let writer = LineWriter()
        if dryRun {
            let plan = DryRun(configuration)
            for line in plan.lines { try writer.write(text: line) }
            return try plan.check()
        }
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }
        let opened = try store.open()
        defer { StoreOptions.report(opened) }
        let report = RoundsReport(isQuiet: quiet)
        if format == .table {
            try writer.write(
                text: RoundMetrics.tableHeader(metrics: configuration.metrics.map(\.name)))
        }
        do {
            try RoundsRun(
                configuration, store: opened, interruption: interruption, report: report.show
            ).run { metrics in
                try Terminal.printResult(
                    DisplayText.block(
                        format == .table ? metrics.tableLine : metrics.json.description),
                    to: writer)
            }
            report.clear()
        } catch is CancellationError {
            report.clear()
            Terminal.printMessage(
                "ganrm: interrupted; the same command goes on where it stopped (\(configuration.state))"
            )
            throw ExitStatus.interrupted
        }
    }
}
