import ArgumentParser
import Files
import Pipeline
import Preference

struct Rank: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rank the candidates of each prompt.",
        discussion: """
            Best first, equal ones in input order. margin is how far a candidate's logit lies above \
            the next one's: σ(margin) is the probability that it is preferred. What shows nothing, or \
            nothing that the head knows, stands behind all others as excluded and never wins; what has no \
            score stands at the end with its error.
            """)

    @Option(help: "How rows are written.")
    var format: RankFormat = .jsonl

    @OptionGroup var ranking: RankingOptions

    func run() throws {
        let writer = try ranking.writer()
        let ranked = try ranking.ranking(showsRowFailures: !Terminal.shows(writer))
        try writer.begin()
        if let header = format.header { try writer.write(header) }
        for row in ranked.rows { try writer.write(format.line(row)) }
        try ranking.finish(ranked, written: ranked.groups.count { $0.comparisonFailure == nil })
    }
}
