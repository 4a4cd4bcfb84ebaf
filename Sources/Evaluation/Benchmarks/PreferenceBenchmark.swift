import Pipeline

/// A public data set of human preferences or ratings, read from the files that its authors publish.
///
///     let benchmark = PreferenceBenchmark(name: "videogen-rewardbench")!
///     let folder = BenchmarkFolder(path: "VideoGen-RewardBench")
///     let annotations = try benchmark.annotations(in: folder)
///     let scores = try scoring.table(of: annotations.inputs)
///     print(AgreementReport(benchmark, annotations, scores: scores, folder: folder).table)
///
/// To add a benchmark, write a file like `VideoGenRewardBench.swift` and append it to `all`. File
/// layouts and their sources are listed in docs/benchmarks.md.
public struct PreferenceBenchmark: Sendable {
    /// The value of `--benchmark`, such as `videogen-rewardbench`.
    public let name: String
    /// The authors' name, such as `VideoGen-RewardBench`.
    public let title: String
    /// Published results of other models, printed for comparison.
    let published: [PublishedResult]
    let read: @Sendable (BenchmarkFolder) throws(EvaluationError) -> BenchmarkAnnotations

    public static let all = [genAIBench, videoGenRewardBench, t2vqa, hpdv2, imageReward]

    public init?(name: String) {
        guard let benchmark = Self.all.first(where: { $0.name == name }) else { return nil }
        self = benchmark
    }

    init(
        name: String, title: String, published: [PublishedResult],
        read: @escaping @Sendable (BenchmarkFolder) throws(EvaluationError) -> BenchmarkAnnotations
    ) {
        self.name = name
        self.title = title
        self.published = published
        self.read = read
    }

    /// Reads the annotations of a local copy.
    ///
    /// - Throws: `EvaluationError.file` for a missing file, `.groundTruth` for an unexpected format.
    public func annotations(
        in folder: BenchmarkFolder
    ) throws(EvaluationError) -> BenchmarkAnnotations {
        try read(folder)
    }
}
