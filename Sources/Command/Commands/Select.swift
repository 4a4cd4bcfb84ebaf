import ArgumentParser
import Files
import Pipeline
import Preference

struct Select: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep the best candidates of each prompt (best-of-N), for fine-tuning.")

    @Option(help: "Most candidates to keep per prompt.")
    var keep = 1

    @Option(help: "Lowest score, from 0 to 1.")
    var minScore = 0.0

    @Option(help: "Format of the rows.")
    var format: RankFormat = .jsonl

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Write a data set that a trainer loads, see \(Documentation.path("exports")): \(SelectionFormat.nameList). Rows \
            are written only with -o then.
            """, valueName: "format> <folder"),
        completion: .list(SelectionFormat.allCases.map(\.rawValue)))
    var export: [String] = []

    @OptionGroup var ranking: RankingOptions
    @OptionGroup(title: "Data set") var dataset: DatasetOptions

    func validate() throws {
        _ = try DatasetOptions.target(export, as: SelectionFormat.self)
        guard keep >= 1 else { throw ValidationError("--keep is at least 1") }
        guard (0...1).contains(minScore) else {
            throw ValidationError("--min-score is from 0 to 1")
        }
    }

    func run() throws {
        let target = try DatasetOptions.target(export, as: SelectionFormat.self)
        if let target {
            try SelectionDataset(target.format, options: dataset.exportOptions(ranking))
                .check(folder: target.folder)
        }
        let writer = target == nil || ranking.output != nil ? try ranking.writer() : nil
        let ranked = try ranking.ranking()
        let selections = ranked.groups.map {
            Selection($0, best: keep, minScore: minScore)
        }.filter { !$0.kept.isEmpty }
        if let writer {
            try writer.begin()
            if let header = format.header { try writer.write(header) }
            for selection in selections {
                for row in selection.rows(provenance: ranked.provenance) {
                    try writer.write(format.line(row))
                }
            }
            try writer.finish()
        }
        if let target, !selections.isEmpty {
            try dataset.export(ranking) {
                try SelectionDataset(target.format, options: $0)
                    .write(selections, to: target.folder)
            }
        }
        try ranking.finish(ranked, written: selections.count)
    }
}

extension SelectionFormat {
    fileprivate static var nameList: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

extension Select: WritesOutput {
    var outputFile: String? { ranking.output }

    var readFiles: ReadFiles {
        ranking.readFiles
    }
}
