import ArgumentParser
import Files
import Pages
import Pipeline
import TextFormats

struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a page of ranked candidates, to look at in a browser.",
        discussion: """
            Prompts with their candidates side by side, scores, margins and errors, to search, sort and \
            play; see \(Documentation.path("reports")). What browsers do not play is shown as a small copy.
            """)

    @Argument(help: "Rows of ganrm rank; - is standard input.", completion: .rows)
    var ranks: String

    @Option(
        name: .shortAndLong, help: "A folder for the page, or one file if it ends in .html.",
        completion: .paths)
    var output: String

    @Option(
        help: """
            How the page gets images and videos: by their paths; by symlinks, hard links or copies \
            in its folder; as small copies; or as they are, inside it (default: reference for a folder, \
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
        let page = try ReportPage(list, title: title).write(
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
}
