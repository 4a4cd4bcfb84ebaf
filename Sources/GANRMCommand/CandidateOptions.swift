import ArgumentParser
import GANRM
import Media
import Preference

/// What belongs together.
struct CandidateOptions: ParsableArguments {
    @Argument(
        help: """
            Folders, files or globs of candidates, or manifests: .jsonl or .csv with prompt and \
            candidates or input, - for JSON lines on standard input.
            """)
    var inputs: [String] = []

    @Option(
        help: """
            The generator's prompt file, one on each line; numbers in file names say which.
            """)
    var prompts: String?

    @Option(
        help: "The number of the first prompt in file names (default: 0 if there is a 0, else 1).")
    var firstNumber: Int?

    @Option(
        name: .customLong("group-by"),
        help: """
            auto: files in folders below a named one by folder, others by name, as 0007_2.mp4; \
            file: equal names in several folders, as seed0/0007.mp4.
            """)
    var rule: CandidateGrouping.Rule = .auto

    @Option(
        help: """
            A regular expression for whole file names without extension, with groups named group, \
            number or prompt.
            """)
    var pattern: String?

    @Option(
        help: """
            Each file holds its candidates side by side: N of them, COLUMNSxROWS, or auto to find \
            the black gutters.
            """)
    var grid: GridChoice?

    @Option(help: "Pixels around the cells of a grid.")
    var gridPadding = GridLayout.usualPadding

    @Option(
        help: """
            Write the cells of grids to this folder, and rank those files.
            """)
    var split: String?

    @Option(help: "How coarse the files of --split are: 0 is lossless, 51 the worst (H.264).")
    var crf = 0

    /// `3`, `3x2` or `auto`.
    enum GridChoice: ExpressibleByArgument, Hashable {
        case detected
        case cells(columns: Int, rows: Int)

        init?(argument: String) {
            if argument == "auto" {
                self = .detected
                return
            }
            let sides = argument.split(separator: "x", omittingEmptySubsequences: false)
                .map { Int($0) ?? 0 }
            guard (1...2).contains(sides.count), sides.allSatisfy((1...1000).contains) else {
                return nil
            }
            self = .cells(columns: sides[0], rows: sides.count == 2 ? sides[1] : 1)
        }
    }

    func validate() throws {
        guard (0...1000).contains(gridPadding) else {
            throw ValidationError("--grid-padding is from 0 to 1000")
        }
        guard (0...51).contains(crf) else { throw ValidationError("--crf is from 0 to 51") }
        guard split == nil || grid != nil else {
            throw ValidationError("--split takes grids apart; add --grid N or --grid auto")
        }
    }

    /// - Throws: `PreferenceError`.
    func grouping() throws -> CandidateGrouping {
        let grid: CandidateGrid? = grid.map { choice in
            switch choice {
            case .detected: .detected
            case .cells(let columns, let rows):
                .layout(GridLayout(columns: columns, rows: rows, padding: gridPadding))
            }
        }
        return CandidateGrouping(
            rule: rule, pattern: try pattern.map { try NamePattern($0) } ?? .usual,
            prompts: try prompts.map { try PromptList(path: $0, firstNumber: firstNumber) },
            grid: grid)
    }
}
