import Pipeline
import TextFormats

extension PreferenceBenchmark {
    /// Pairs of videos from 12 generators, compared in four dimensions.
    ///
    /// Source: KwaiVGI/VideoAlign, `eval_videogen_rewardbench.py` and `calc_accuracy.py` at 219ab9d.
    static let videoGenRewardBench = PreferenceBenchmark(
        name: "videogen-rewardbench", title: "VideoGen-RewardBench",
        published: videoGenRewardBenchResults, read: readVideoGenRewardBench)

    private static let preferencesByLabel: [String: PairPreference] = [
        "A": .first, "B": .second, "same": .tie,
    ]

    @Sendable private static func readVideoGenRewardBench(
        _ folder: BenchmarkFolder
    ) throws(EvaluationError) -> BenchmarkAnnotations {
        let path = try folder.file("videogen-rewardbench.csv")
        let table = try AnnotationFile.table(of: path)
        if let row = table.rows.first(where: { !$0.isUTF8 }) {
            throw .groundTruth("\(path):\(row.line): the line is not UTF-8")
        }
        let columns = ["path_A", "path_B", "prompt"].compactMap {
            table.header.firstIndex(of: $0)
        }
        guard columns.count == 3 else {
            throw .groundTruth("\(path):1: the header names no columns path_A, path_B and prompt")
        }
        var reader = AnnotationReader(path: path)
        let samples = table.rows.map { row in
            (
                first: folder.media(row.fields[columns[0]], under: [""]),
                second: folder.media(row.fields[columns[1]], under: [""]),
                prompt: row.fields[columns[2]]
            )
        }
        var dimensions: [BenchmarkAnnotations.Dimension] = []
        for name in ["Overall", "VQ", "MQ", "TA"] {
            guard let column = table.header.firstIndex(of: name) else { continue }
            let pairs = zip(table.rows, samples).compactMap { row, sample in
                preferencesByLabel[row.fields[column]].map {
                    BenchmarkAnnotations.Pair(
                        first: sample.first, second: sample.second, preference: $0,
                        group: sample.prompt)
                }
            }
            if pairs.count < table.rows.count {
                reader.fail(
                    "\(table.rows.count - pairs.count) labels of \(name) are none of A, B, same")
            }
            dimensions.append(
                .init(
                    name: name,
                    answers: .pairs(pairs, metrics: [.accuracyWithoutTies, .accuracyWithTies])))
        }
        guard !dimensions.isEmpty else {
            throw .groundTruth("\(path):1: the header names none of Overall, VQ, MQ and TA")
        }
        return reader.annotations(dimensions)
    }

    private static let videoGenRewardBenchResults = [
        results(
            "VideoReward", [0.7359, 0.7566, 0.7470, 0.7220], [0.6126, 0.5968, 0.6603, 0.5380]),
        results(
            "VisionReward", [0.6759, 0.5903, 0.6098, 0.6115], [0.5677, 0.4743, 0.5903, 0.4656]),
        results("random", [0.5030, 0.4986, 0.4964, 0.5040], [0.4186, 0.4742, 0.5907, 0.3725]),
    ].flatMap(\.self)

    /// - Parameters:
    ///   - withoutTies: Accuracies without ties for Overall, VQ, MQ and TA.
    ///   - withTies: Accuracies with ties, likewise.
    private static func results(
        _ model: String, _ withoutTies: [Double], _ withTies: [Double]
    ) -> [PublishedResult] {
        zip(["Overall", "VQ", "MQ", "TA"], zip(withoutTies, withTies)).map { dimension, values in
            PublishedResult(
                model: model, dimension: dimension,
                values: [
                    "accuracy_without_ties": values.0, "accuracy_with_ties": values.1,
                ],
                source: "VideoGen-RewardBench leaderboard, February 2025")
        }
    }
}
