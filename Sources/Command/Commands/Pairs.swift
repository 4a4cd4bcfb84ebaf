import ArgumentParser
import Files
import Pipeline
import Preference
import TextFormats

struct Pairs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Build preference pairs from each prompt's candidates, for DPO.",
        discussion: """
            Margins and spreads are in logits. Pairs without a margin express no preference and are \
            always left out; what was left out, and why, is reported at the end.
            """)

    @Option(help: "Which candidates of a prompt form pairs.")
    var policy: PairPolicy = .bestWorst

    @Option(help: "Smallest margin of a pair.")
    var minMargin = 0.0

    @Option(
        help: """
            Largest spread of either candidate, between the heads of an ensemble (default: any).
            """)
    var maxSpread: Double?

    @Option(help: "Most pairs per prompt, those with the largest margins (default: all).")
    var maxPairsPerPrompt: Int?

    @Option(help: "Draw this many of all pairs at random (default: all).")
    var sample: Int?

    @Option(help: "Seed of --sample.")
    var seed: UInt64 = 0

    @Flag(help: "Allow excluded candidates as the rejected sample.")
    var rejectExcluded = false

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Write a data set that a trainer loads, see \(Documentation.path("exports")): \(PairFormat.nameList). Rows are \
            written only with -o then.
            """, valueName: "format> <folder"),
        completion: .list(PairFormat.allCases.map(\.rawValue)))
    var export: [String] = []

    @OptionGroup var ranking: RankingOptions
    @OptionGroup(title: "Data set") var dataset: DatasetOptions

    func validate() throws {
        _ = try DatasetOptions.target(export, as: PairFormat.self)
        try OptionRange.check("--min-margin", minMargin, PairSelection.logitDistances)
        try OptionRange.check("--max-spread", maxSpread, PairSelection.logitDistances)
        try OptionRange.check("--max-pairs-per-prompt", maxPairsPerPrompt, PairSelection.counts)
        try OptionRange.check("--sample", sample, PairSelection.counts)
    }

    func run() throws {
        let target = try DatasetOptions.target(export, as: PairFormat.self)
        if let target {
            try PairDataset(target.format, options: dataset.exportOptions(ranking))
                .check(folder: target.folder)
        }
        let writer = target == nil || ranking.output != nil ? try ranking.writer() : nil
        let ranked = try ranking.ranking()
        var list = PairList(
            PairSelection(
                policy: policy, minMargin: minMargin, maxSpread: maxSpread,
                maxPairsPerPrompt: maxPairsPerPrompt, rejectsExcluded: rejectExcluded),
            of: ranked.groups)
        if let sample { list.sample(sample, seed: seed) }
        if let writer {
            try writer.begin()
            for pair in list.pairs { try writer.write(pair.row.description) }
            try writer.finish()
        }
        if !ranking.quiet { Terminal.printMessage(list.summary) }
        if let target, !list.pairs.isEmpty {
            try dataset.export(ranking) {
                try PairDataset(target.format, options: $0).write(list.pairs, to: target.folder)
            }
        }
        try ranking.finish(ranked, written: list.pairs.count)
    }
}

extension PairFormat {
    fileprivate static var nameList: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

extension Pairs: WritesOutput {
    var outputFile: String? { ranking.output }

    var readFiles: ReadFiles {
        ranking.readFiles
    }
}
