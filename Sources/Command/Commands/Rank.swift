import ArgumentParser
import Files
import Pipeline
import Preference

struct Rank: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rank the candidates of each prompt.",
        discussion: """
            Best first; candidates with equal logits are in input order. margin is a candidate's \
            logit minus that of the next one; σ(margin) is the probability that it is preferred. \
            Candidates without content, or unlike the training data, never win: they are excluded \
            and rank behind all others. Those without a score come last, with their error.
            """)

    @Option(help: "Format of the rows.")
    var format: RankFormat = .jsonl

    @OptionGroup var ranking: RankingOptions

    func run() throws {
        let writer = try ranking.writer()
        let ranked = try ranking.ranking(showsRowFailures: !Terminal.shows(writer))
        try writer.begin()
        if let header = format.header { try writer.write(header) }
        for row in ranked.rows { try writer.write(format.line(row)) }
        try writer.finish()
        try ranking.finish(ranked, written: ranked.groups.count { $0.comparisonFailure == nil })
    }
}

extension Rank: WritesOutput {
    var outputFile: String? { ranking.output }

    var readFiles: ReadFiles {
        ranking.readFiles
    }
}
