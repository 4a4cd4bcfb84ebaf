import ArgumentParser
import Evaluation
import Pipeline

/// Options for the ground truth that a reward model is evaluated against.
struct GroundTruthOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: """
            Samples that people like (label 1): folders, files, or a list with keys path, group and \
            label, as for ganrm train.
            """, completion: .paths)
    var proxy: [String] = []

    @Option(
        parsing: .upToNextOption, help: "Raw outputs of the generator (label 0), likewise.",
        completion: .paths)
    var generated: [String] = []

    @Option(
        help: """
            Rows of ganrm score instead of a model; their key label (0 to 1) is the class. - is \
            standard input.
            """, completion: .rows)
    var scores: String?

    @Option(
        help: "Preferences: one JSON object per line with winner, loser and optionally group.",
        completion: .rows)
    var pairs: String?

    @Option(
        help: """
            Ratings: .csv with a header, or JSONL, with input, rating (higher is better) and \
            optionally prompt.
            """, completion: .file(extensions: ["csv", "jsonl"]))
    var ratings: String?

    @Option(
        help: """
            A public data set of preferences or ratings instead; FOLDER holds its original files \
            (\(Documentation.path("benchmarks"))).
            """, completion: .list(PreferenceBenchmark.allValueStrings))
    var benchmark: PreferenceBenchmark?

    @Argument(help: "The folder of the --benchmark.", completion: .directory)
    var folder: String?

    func validate() throws {
        guard (benchmark == nil) == (folder == nil) else {
            throw ValidationError("--benchmark NAME and FOLDER go together")
        }
        if benchmark != nil {
            guard proxy.isEmpty, generated.isEmpty, pairs == nil, ratings == nil else {
                throw ValidationError(
                    "--benchmark takes no other ground truth than --scores; run ganrm eval twice")
            }
            return
        }
        guard
            !proxy.isEmpty || !generated.isEmpty || scores != nil || pairs != nil || ratings != nil
        else {
            throw ValidationError(
                "no ground truth; give --proxy and --generated, --scores, --pairs, --ratings or --benchmark"
            )
        }
        guard scores == nil || (proxy.isEmpty && generated.isEmpty) else {
            throw ValidationError(
                "--scores are scores already; label its rows instead of --proxy and --generated")
        }
        let fromInput = [scores, pairs, ratings].filter { $0 == "-" }
        guard fromInput.count <= 1 else {
            throw ValidationError("standard input is one file only")
        }
    }

    /// Reads all lists. The table is nil without `--scores`.
    ///
    /// - Throws: `EvaluationError`, and `PipelineError.file` for a side's list.
    func read() throws -> (GroundTruth, ScoreTable?) {
        var groundTruth = GroundTruth()
        for side in [proxy, generated] where !side.isEmpty { try RequestSource.check(side: side) }
        if !proxy.isEmpty { try groundTruth.addSide(proxy, label: 1) }
        if !generated.isEmpty { try groundTruth.addSide(generated, label: 0) }
        let table = try scores.map { try groundTruth.addRows($0) }
        if let pairs { try groundTruth.addPairs(pairs) }
        if let ratings { try groundTruth.addRatings(ratings) }
        return (groundTruth, table)
    }
}

extension GroundTruthOptions {
    var readFiles: ReadFiles {
        ReadFiles(
            files: [scores, pairs, ratings], sides: [proxy, generated].filter { !$0.isEmpty })
    }
}
