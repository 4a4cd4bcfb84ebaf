import ArgumentParser
import Files
import Metrics
import Pages
import Pipeline
import TextFormats

struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make an HTML page of ranked candidates.",
        discussion: """
            The page shows the candidates of each prompt side by side, with scores, margins and \
            errors; prompts can be searched, sorted and played. What browsers cannot play is shown \
            as a small copy. See \(Documentation.path("reports")).
            """)

    @Argument(help: "Rows of ganrm rank; - is standard input.", completion: .rows)
    var ranks: String

    @Option(
        help: ArgumentHelp(
            """
            Rows of ganrm metrics of the same candidates: shown beside their scores, with charts of the \
            metrics of the best k; - is standard input.
            """, valueName: "rows"), completion: .rows)
    var metrics: String?

    @Option(
        name: .shortAndLong, help: "A folder for the page, or one file if it ends in .html.",
        completion: .paths)
    var output: String

    @Option(
        help: """
            How images and videos are included: by their paths; as symlinks, hard links or copies in \
            the page's folder; as small copies; or embedded (default: reference for a folder, \
            thumbnail for a file).
            """)
    var files: PageMediaMode?

    @Option(help: "The page's heading.")
    var title = "Ranked candidates"

    @Flag(name: .shortAndLong, help: "No progress and no messages for inputs that cannot be shown.")
    var quiet = false

    @OptionGroup var terminal: TerminalOptions

    func validate() throws {
        try PageOptions.check(files, output: output)
        guard ranks != "-" || metrics != "-" else {
            throw ValidationError("standard input is one list only; write the other to a file")
        }
    }

    func run() throws {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        let lock = try OutputLock(output: output, createsFolder: true)
        defer { withExtendedLifetime(lock) {} }
        let list = try RankList(reading: ranks)
        guard list.candidateCount > 0 else { throw PageOptions.nothing("'\(ranks)' has no rows") }
        let destination = PageLocation(output)
        // What cannot be shown is reported below, each cause once.
        var tally = Tally(
            "shown",
            progress: ProgressLine(total: list.candidateCount, isQuiet: quiet), isQuiet: true)
        let report = try ReportPage(list, metrics: metricTable(), title: title)
        if !quiet { for notice in report.notices { Terminal.printMessage("ganrm: \(notice)") } }
        let page = try report.write(
            to: destination, media: files ?? (destination.isFolder ? .reference : .thumbnail)
        ) { failure in
            tally.count(failure: failure)
            if interruption.isRequested { try tally.finish(interruption: interruption) }
        }
        tally.progress.clear()
        if !quiet {
            PageOptions.report(page.missing)
            Terminal.printMessage("ganrm: wrote \(output), \(Bytes.describe(page.byteCount))")
        }
        try tally.finish(interruption: interruption)
    }

    private func metricTable() throws -> MetricTable? {
        guard let metrics else { return nil }
        var table = MetricTable()
        try table.read(metrics)
        return table
    }
}

extension Report: WritesOutput {
    var outputFile: String? { output }

    var readFiles: ReadFiles {
        ReadFiles(files: [ranks, metrics])
    }
}
