import ArgumentParser
import Evaluation
import Files
import Pages
import Pipeline
import TextFormats

struct StudyMake: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make",
        abstract: "Make a page on which raters compare pairs without knowing which is which.",
        discussion: """
            Order and sides are random, and files have numbered names. Answers stay in the browser \
            until they are saved as a file. To compare two models, give the first one's output as \
            chosen and the second one's as rejected; see \(Documentation.path("reports")).
            """)

    @Argument(
        help: "Rows of ganrm pairs: prompt, chosen, rejected, margin; - is standard input.",
        completion: .rows)
    var pairs: String

    @Option(
        name: .shortAndLong, help: "A folder for the page, or one file if it ends in .html.",
        completion: .paths)
    var output: String

    @Option(
        help: """
            How images and videos are included: as symlinks, hard links or copies in the page's \
            folder, or embedded; reference and thumbnail are refused (default: copy for a folder, \
            embed for a file).
            """)
    var files: PageMediaMode?

    @Option(help: "Seed of order and sides; raters may use pages with different seeds.")
    var seed: UInt64 = 0

    @Option(help: "The page's heading.")
    var title = StudyPage.defaultTitle

    @Option(help: "The question about each pair, A and B.")
    var question = StudyPage.defaultQuestion

    @Flag(name: .shortAndLong, help: "No progress and no messages for pairs that cannot be shown.")
    var quiet = false

    @OptionGroup var terminal: TerminalOptions

    func validate() throws {
        try PageOptions.check(files, output: output)
        if let files, files == .reference || files == .thumbnail {
            throw ValidationError(
                "--files \(files.rawValue) is not for studies: names would show, or nothing could be told "
                    + "from small copies; use symlink, hardlink, copy or embed")
        }
    }

    func run() throws {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        let lock = try OutputLock(output: output, createsFolder: true)
        defer { withExtendedLifetime(lock) {} }
        let rows = try StudyPair.read(pairs)
        guard !rows.isEmpty else { throw PageOptions.nothing("'\(pairs)' has no rows") }
        let destination = PageLocation(output)
        // What cannot be shown is reported below, each cause once.
        var tally = Tally(
            "shown", progress: ProgressLine(total: rows.count, isQuiet: quiet), isQuiet: true)
        let study = StudyPage(rows, title: title, question: question, seed: seed)
        let page = try study.write(
            to: destination, media: files ?? (destination.isFolder ? .copy : .embed),
            in: MediaFolders(of: pairs)
        ) { failure in
            tally.count(failure: failure)
            if interruption.isRequested { try tally.finish(interruption: interruption) }
        }
        tally.progress.clear()
        if !quiet {
            PageOptions.report(page.missing)
            if page.byteCount > 0 {
                Terminal.printMessage(
                    "ganrm: wrote \(output), \(Bytes.describe(page.byteCount)), "
                        + "\(tally.done - tally.failed) pairs")
            }
        }
        try tally.finish(interruption: interruption)
    }
}

extension StudyMake: WritesOutput {
    var outputFile: String? { output }

    var readFiles: ReadFiles {
        ReadFiles(files: [pairs])
    }
}
