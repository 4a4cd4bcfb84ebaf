import ArgumentParser
import Evaluation
import Files
import Pipeline
import Statistics

struct StudyResults: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, pairs
    }

    static let configuration = CommandConfiguration(
        commandName: "results",
        abstract: "Report what raters preferred and how well the head agrees with them.",
        discussion: "Win rates, ties, bias towards a side and agreement, each with a 95 % interval."
    )

    @Argument(
        help: "Files that the page of a study saved, one per rater.",
        completion: .file(extensions: ["json"]))
    var results: [String]

    @Option(help: "table for people, json for programs, pairs for ganrm eval --pairs.")
    var format: Format = .table

    @Option(help: "Bootstrap resamples of each confidence interval.")
    var resamples = GroupBootstrap.defaultResampleCount

    @Option(help: "Seed of the resamples.")
    var seed: UInt64 = 0

    func validate() throws {
        try OptionRange.check("--resamples", resamples, GroupBootstrap.resampleCounts)
        guard results.count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("standard input is one file only")
        }
    }

    func run() throws {
        let raters = try results.map { path throws in try StudyAnswers(reading: path) }
        guard let report = try StudyReport(raters, resamples: resamples, seed: seed) else {
            throw PageOptions.nothing("nobody has answered anything")
        }
        let text =
            switch format {
            case .table: report.table
            case .json: report.json
            case .pairs: report.pairsJSONL
            }
        if !text.isEmpty { try LineWriter().write(text: text) }
    }
}
