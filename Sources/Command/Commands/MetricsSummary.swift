import ArgumentParser
import Files
import Metrics
import TextFormats

extension MetricsCommand {
    struct Summary: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case table, json
        }

        static let configuration = CommandConfiguration(
            abstract: "Sum up rows of ganrm metrics: means and intervals.",
            discussion: """
                Intervals are of the mean, at 95 %, by bootstrap over prompts. Rows of other metrics, \
                models or precisions are refused. With --against, the candidates of each prompt are \
                ranked by their scores, and the metrics of the best k of them stand beside those of \
                all and of the worst k. With results of VBench, its total score is computed from them and \
                from metrics with the names of its dimensions, if none is missing.
                """)

        @Argument(help: "Files of rows, - for standard input.", completion: .rows)
        var rows: [String] = []

        @Option(
            help: ArgumentHelp(
                "Rows of ganrm score or rank of the same candidates, joined by input.",
                valueName: "scores"), completion: .rows)
        var against: String?

        @Option(
            help: ArgumentHelp(
                """
                Values of k, separated by commas; prompts with fewer candidates are left out (default: \
                all up to the number of candidates that every prompt has).
                """, valueName: "numbers"))
        var top: String?

        @Option(
            parsing: .upToNextOption, help: "Results of VBench, its …_eval_results.json.",
            completion: .file(extensions: ["json"]))
        var vbench: [String] = []

        @Option(help: "table for people, json for programs.")
        var format: Format = .table

        func validate() throws {
            guard !rows.isEmpty || !vbench.isEmpty else {
                throw ValidationError(
                    "there are no rows; name files of rows, or - for standard input")
            }
            guard !rows.isEmpty || against == nil else {
                throw ValidationError("--against goes with rows of metrics; name them first")
            }
            guard (rows + [against]).count(where: { $0 == "-" }) <= 1 else {
                throw ValidationError(
                    "standard input is one list only; write the others to files")
            }
            guard top == nil || against != nil else {
                throw ValidationError("--top is the number of best candidates by --against SCORES")
            }
            _ = try ks()
        }

        /// The values of k; nil for all.
        private func ks() throws -> [Int]? {
            guard let top else { return nil }
            let ks = try top.split(separator: ",", omittingEmptySubsequences: false).map { text in
                guard let k = Int(text) else {
                    throw ValidationError("--top has numbers, as 1,3,10, not '\(text)'")
                }
                try OptionRange.check("--top", k, BestOfK.counts)
                return k
            }
            guard ks.count <= BestOfK.maximumPointCount else {
                throw ValidationError(
                    "--top has at most \(BestOfK.maximumPointCount) numbers, not \(ks.count)")
            }
            return ks
        }

        func run() throws {
            var table = MetricTable()
            for path in rows { try table.read(path) }
            var summary = MetricSummary(table)
            if let against {
                let candidates = try RankedMetrics(scores: against, metrics: table)
                let bestOf = try BestOfK(candidates, top: ks())
                for notice in bestOf.notices { Terminal.printMessage("ganrm: \(notice)") }
                summary.bestOf = bestOf
            }
            if !vbench.isEmpty {
                summary.vbench = try VBenchSummary(
                    vbench.map(VBenchResults.init(reading:)), summary)
            }
            try LineWriter().write(text: format == .json ? summary.json.description : summary.table)
        }
    }
}
