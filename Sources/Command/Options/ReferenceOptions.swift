import ArgumentParser
import Distances
import Evaluation
import Files
import Frames
import Metrics
import Pipeline
import TextFormats

/// Options of metrics that compare with a reference, of which some are of whole sets.
struct ReferenceOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: """
            What inputs are compared with: inputs or a list of them. For lpips an input of the same \
            name; for Fréchet distances perhaps statistics of features (.npz, of --save-stats or of \
            pytorch-fid).
            """,
        completion: .paths)
    var reference: [String] = []

    @Option(
        help: "Write the statistics of the reference to a file that can take its place: .npz.",
        completion: .paths)
    var saveStats: String?

    @Option(help: "Metrics of videos: distance of the frames of a clip.")
    var stride = 1

    @OptionGroup var estimates: DistanceOptions

    /// - Parameters:
    ///   - metrics: Those of sets.
    ///   - pairs: Those of pairs.
    func validate(_ metrics: [Metric], pairs: [Metric]) throws {
        try OptionRange.check("--stride", stride, Sampling.strides)
        guard let first = metrics.first else {
            guard saveStats == nil else {
                throw ValidationError("--save-stats goes with one Fréchet distance, such as fid")
            }
            guard reference.isEmpty || !pairs.isEmpty else {
                throw ValidationError(
                    "--reference goes with lpips and metrics of sets, such as fid")
            }
            if let path = statisticsPath {
                throw ValidationError("\(pairs[0].name) compares inputs, and '\(path)' has none")
            }
            return
        }
        guard !reference.isEmpty else {
            throw ValidationError("\(first.name) compares with a set; name it by --reference")
        }
        if let path = statisticsPath {
            if let kernel = metrics.first(where: { $0.measure == .kernelDistance }) {
                throw ValidationError(
                    "\(kernel.name) needs the samples of the reference, and '\(path)' has none")
            }
            if let pair = pairs.first {
                throw ValidationError("\(pair.name) compares inputs, and '\(path)' has none")
            }
            guard metrics.count == 1 else {
                throw ValidationError(
                    "'\(path)' has the features of one metric; compute \(metrics[1].name) by itself"
                )
            }
        }
        guard let saveStats else { return }
        guard saveStats.hasByteSuffix(".npz") else {
            throw ValidationError("--save-stats writes statistics; name a file that ends in .npz")
        }
        guard metrics.count == 1, first.measure == .frechetDistance else {
            throw ValidationError("--save-stats goes with one Fréchet distance, such as fid")
        }
        guard statisticsPath == nil else {
            throw ValidationError("--save-stats: the reference is a file of statistics already")
        }
    }

    /// The inputs that inputs are compared with one by one.
    func pairs() throws -> PairedReference { try PairedReference(reference) }

    /// The file of statistics that is the reference; nil if inputs are.
    private var statisticsPath: String? {
        reference.first { $0.hasByteSuffix(".npz") }
    }

    /// The reference, opened or checked; nil if there is none.
    func openedReference() throws -> SetMetricEvaluation.Reference? {
        guard !reference.isEmpty else { return nil }
        if let saveStats {
            try FileSystem.checkWritable(saveStats, isReplaced: true, failing: CommandError.file)
        }
        if let path = statisticsPath {
            return .statistics(try FeatureStatistics(path: path), path: path)
        }
        try RequestSource.check(side: reference)
        return .inputs(reference)
    }

    var readFiles: ReadFiles {
        if let statisticsPath { return ReadFiles(files: [statisticsPath]) }
        return ReadFiles(sides: reference.isEmpty ? [] : [reference])
    }
}
