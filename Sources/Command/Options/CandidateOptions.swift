import ArgumentParser
import Media
import Preference

/// Options that select candidates and group them by prompt.
struct CandidateOptions: ParsableArguments {
    @Argument(
        help: """
            Folders, files or globs of candidates, or manifests: .jsonl or .csv with prompt and \
            candidates or input, - for JSON lines on standard input.
            """, completion: .paths)
    var inputs: [String] = []

    @OptionGroup var grouping: GroupingOptions

    @Option(
        help: """
            Each file holds several candidates side by side: the number of columns, COLUMNSxROWS, or \
            auto to detect the black gutters.
            """)
    var grid: GridChoice?

    @Option(help: "Pixels around the cells of a grid.")
    var gridPadding = GridLayout.defaultPadding

    @Option(
        help: "Write the cells of grids to this folder as files, and rank those.",
        completion: .directory)
    var split: String?

    @Option(help: "Quality of the files of --split, H.264: 0 is lossless, 51 the worst.")
    var crf = 0

    /// A grid description, which becomes a `CandidateGrid` once the padding is known.
    struct GridChoice: ExpressibleByArgument {
        let text: String

        init?(argument: String) {
            guard CandidateGrid(argument) != nil else { return nil }
            text = argument
        }
    }

    func validate() throws {
        try OptionRange.check("--grid-padding", gridPadding, 0...1000)
        try OptionRange.check("--crf", crf, 0...51)
        guard split == nil || grid != nil else {
            throw ValidationError("--split takes grids apart; add --grid N or --grid auto")
        }
    }

    /// The grouping that the options describe.
    ///
    /// - Throws: `PreferenceError`.
    func candidateGrouping() throws -> CandidateGrouping {
        var candidates = try grouping.candidateGrouping()
        candidates.grid = grid.flatMap { CandidateGrid($0.text, padding: gridPadding) }
        return candidates
    }
}
