import ArgumentParser
import Evaluation
import Files
import Pipeline

struct Segments: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find the best and worst segments of long videos.",
        discussion: """
            The score curve is cut where its level changes: segments above the video's mean are \
            listed best first, those below it worst first; none overlap. ffconcat, edl and sh are \
            lists by which FFmpeg and mpv cut the video; see \(Documentation.path("segments")).
            """)

    @Argument(
        help: "Rows of ganrm score --sampling window, also --per clip; - is standard input.",
        completion: .rows)
    var scores: String

    @Option(help: "Number of best segments per video.")
    var best = 3

    @Option(help: "Number of worst segments per video (default: 3; 0 for lists).")
    var worst: Int?

    @Option(
        help: """
            Keep everything but this many worst segments instead, joined where they touch.
            """)
    var drop: Int?

    @Option(help: "Lowest score of a best or kept segment, from 0 to 1.")
    var minScore = 0.0

    @Option(help: "Length of the shortest segment, in seconds.")
    var minLength = 2.0

    @Option(
        help: """
            Squared deviation of logits that one more segment must explain; smaller values give more \
            segments (default: 2 σ² ln n, by the curve's noise).
            """)
    var penalty: Double?

    @Option(help: "Format of the rows, or a cut list.")
    var format: SegmentFormat = .jsonl

    @Option(
        name: .shortAndLong, help: "Write to a file instead of standard output.", completion: .paths
    )
    var output: String?

    @Flag(help: "Replace an existing output file.")
    var overwrite = false

    @Flag(name: .shortAndLong, help: "No messages for videos without segments.")
    var quiet = false

    @OptionGroup var terminal: TerminalOptions

    func validate() throws {
        for (name, value) in [("--best", best), ("--worst", worst), ("--drop", drop)] {
            try OptionRange.check(name, value, 0...1_000_000_000)
        }
        if drop != nil && worst != nil {
            throw ValidationError("--drop leaves the worst out, --worst tells of them; use one")
        }
        try OptionRange.check("--min-score", minScore, 0...1)
        try OptionRange.checkPositive("--min-length", minLength, upTo: 1e9)
        try OptionRange.checkPositive("--penalty", penalty, upTo: 1e9)
    }

    func run() throws {
        let signals = SignalHandling(leavingWith: "interrupted")
        defer { withExtendedLifetime(signals) {} }
        let selection = SegmentSelection(
            minimumLength: minLength, penalty: penalty, best: best,
            worst: worst ?? (format.list == nil ? 3 : 0), drop: drop, minScore: minScore)
        let curves = try ScoreCurves(reading: scores)
        guard !curves.entries.isEmpty else { throw PageOptions.nothing("'\(scores)' has no rows") }
        let writer = try LineWriter(output: output, overwrites: overwrite)
        try writer.begin()
        if let header = format.header { try writer.write(header) }

        var list = format.list.map { CutList($0) }
        var tally = Tally(
            "cut",
            progress: ProgressLine(total: curves.entries.count, isQuiet: true), isQuiet: quiet,
            showsFailures: format.list != nil || !Terminal.shows(writer))
        var count = 0
        for entry in curves.entries {
            switch entry {
            case .failure(let failure):
                try fail(failure, to: writer)
                tally.count(failure: failure.reason)
            case .curve(let curve):
                let segmentation = selection.segmentation(of: curve)
                let segments = selection.segments(of: curve, by: segmentation)
                count += segments.count
                var failure: String?
                do {
                    for line in try list?.lines(segments, of: curve) ?? [] {
                        try writer.write(line)
                    }
                } catch let error as LineWriter.Closed {
                    throw error
                } catch {
                    failure = "\(error)"
                }
                for segment in segments {
                    let row = segment.row(of: curve, segmentation: segmentation)
                    if let line = format.line(row) { try writer.write(line) }
                }
                tally.count(failure: failure)
            }
        }
        try writer.finish()
        try tally.finish(interruption: Interruption())
        if count == 0 {
            let isAsked = drop != nil || selection.best > 0 || selection.worst > 0
            throw PageOptions.nothing(
                isAsked
                    ? """
                    no segment qualifies: a best one has the score of --min-score and clips of which most are \
                    neither degenerate nor unfamiliar, a worst one is below the mean of its video, and a video that is shorter \
                    than twice --min-length is a single segment
                    """
                    : "no segment is asked for; see --best and --worst")
        }
    }

    private func fail(_ failure: ScoreTable.Failure, to writer: LineWriter) throws {
        if let line = format.line(failure.row) { try writer.write(line) }
    }
}

extension Segments: WritesOutput {
    var outputFile: String? { output }

    var readFiles: ReadFiles {
        ReadFiles(files: [scores])
    }
}
