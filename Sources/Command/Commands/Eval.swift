import ArgumentParser
import Evaluation
import Files
import Pages
import Pipeline
import Statistics

struct Eval: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, html
    }

    static let configuration = CommandConfiguration(
        abstract: "Evaluate a reward model against labels, preferences or ratings.",
        discussion: """
            Every metric has a 95 % interval, from resampling whole groups. Several kinds of ground \
            truth may be given at once; each input is scored once. The metrics are defined in \
            \(Documentation.path("evaluation")).
            """)

    @Option(
        help: """
            table for people, json for programs, html for a page with charts and thumbnails.
            """)
    var format: Format = .table

    @Option(
        name: .shortAndLong, help: "Write to a file instead of standard output.", completion: .paths
    )
    var output: String?

    @Option(help: "Bootstrap resamples of each confidence interval.")
    var resamples = GroupBootstrap.defaultResampleCount

    @Option(help: "Seed of the resamples.")
    var seed: UInt64 = 0

    @Flag(name: .shortAndLong, help: "No progress and no messages for failed inputs.")
    var quiet = false

    @OptionGroup(title: "Ground truth") var groundTruth: GroundTruthOptions
    @OptionGroup var scoring: ScoringOptions
    @OptionGroup var terminal: TerminalOptions

    func validate() throws {
        try OptionRange.check("--resamples", resamples, GroupBootstrap.resampleCounts)
        guard groundTruth.benchmark == nil || format != .html else {
            throw ValidationError("--benchmark has no page; take --format table or json")
        }
    }

    func run() throws {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        let writer = try LineWriter(output: output, overwrites: true)
        let (text, failures) =
            try agreement(interruption, signals) ?? evaluation(interruption, signals)
        if interruption.isRequested { throw scoring.interrupted() }
        try format == .html ? writer.write(text) : writer.write(text: text)
        try writer.finish()
        if !failures.isEmpty { throw ExitStatus.someInputsFailed }
    }

    private func evaluation(
        _ interruption: Interruption, _ signals: SignalHandling
    ) throws -> (text: String, failures: [ScoreTable.Failure]) {
        let (groundTruth, known) = try groundTruth.read()
        let scores =
            try known
            ?? scoring.score(groundTruth.inputs, isQuiet: quiet, interruption: interruption)
        signals.leaveNext(with: "interrupted; nothing is written")
        let report = EvaluationReport(
            groundTruth, scores: scores, resamples: resamples, seed: seed)
        printAll(report.failures)
        guard !report.isEmpty else {
            throw nothingToEvaluate("no labelled sample, pair or rating has scores")
        }
        let text =
            switch format {
            case .table: report.table
            case .json: report.json
            case .html:
                EvaluationPage(report, in: MediaFolders(of: self.groundTruth.scores)).html
            }
        return (text, report.failures)
    }

    /// Agreement with the benchmark's annotations; nil without `--benchmark`.
    private func agreement(
        _ interruption: Interruption, _ signals: SignalHandling
    ) throws -> (text: String, failures: [ScoreTable.Failure])? {
        guard let benchmark = groundTruth.benchmark, let path = groundTruth.folder else {
            return nil
        }
        let folder = BenchmarkFolder(path: path)
        let annotations = try benchmark.annotations(in: folder)
        let scores =
            try groundTruth.scores.map { try ScoreTable(path: $0) }
            ?? scoring.score(annotations.inputs, isQuiet: quiet, interruption: interruption)
        signals.leaveNext(with: "interrupted; nothing is written")
        let report = AgreementReport(
            benchmark, annotations, scores: scores, folder: folder, resamples: resamples,
            seed: seed)
        printAll(report.failures)
        guard !report.isEmpty else { throw nothingToEvaluate("no annotation has scores") }
        return (format == .json ? report.json : report.table, report.failures)
    }

    private func printAll(_ failures: [ScoreTable.Failure]) {
        guard !quiet else { return }
        for failure in failures { Terminal.printMessage("ganrm: \(failure.reason)") }
    }

    private func nothingToEvaluate(_ reason: String) -> ExitStatus {
        Terminal.printMessage("ganrm: there is nothing to evaluate; \(reason)")
        return .nothingDone
    }
}

extension Eval: WritesOutput {
    var outputFile: String? { output }

    var readFiles: ReadFiles {
        groundTruth.readFiles + scoring.readFiles
    }
}
