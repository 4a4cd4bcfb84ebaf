import ArgumentParser
import GANRM
import Preference

struct Select: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep the best candidates of each prompt (best-of-N), for fine-tuning.")

    @OptionGroup var ranking: RankingOptions

    @Option(help: "Most candidates that are kept of a prompt.")
    var keep = 1

    @Option(help: "Least score, from 0 to 1.")
    var minScore = 0.0

    @Option(help: "How rows are written.")
    var format: RankFormat = .jsonl

    func validate() throws {
        guard keep >= 1 else { throw ValidationError("--keep is at least 1") }
        guard (0...1).contains(minScore) else {
            throw ValidationError("--min-score is from 0 to 1")
        }
    }

    func run() throws {
        let ranked = try ranking.ranking()
        let selections = ranked.groups.compactMap {
            Selection($0, count: keep, minScore: minScore)
        }
        let writer = try ranking.writer()
        if let header = format.header { try writer.write(header) }
        for selection in selections {
            for row in selection.rows(provenance: ranked.provenance) {
                try writer.write(format.line(row))
            }
        }
        try ranking.finish(ranked, written: selections.count)
    }
}
