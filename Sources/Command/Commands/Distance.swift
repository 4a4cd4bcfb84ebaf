import ArgumentParser
import Distances
import Evaluation
import Files
import Pipeline
import Scoring
import TextFormats

struct Distance: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    static let configuration = CommandConfiguration(
        abstract: "Compute the Fréchet distance between two sets of inputs.",
        discussion: """
            As FID and FVD, but over the embeddings of any encoder: 0 for equal sets, and smaller \
            for sets that are more alike. Each set is a folder, a glob, a list (.txt or .jsonl, one \
            path or JSON object per line), embeddings of ganrm encode, or statistics (.npz with mu \
            and sigma, of --save-stats or of pytorch-fid). With few samples the distance is too \
            high; see \(Documentation.path("evaluation")).
            """)

    @Argument(help: "The set to compare with, as the proxy data.", completion: .paths)
    var reference: String

    @Argument(help: "The set that is compared, as a generator's outputs.", completion: .paths)
    var other: String

    @Option(
        help: """
            Shrinkage of the covariances, for few samples: ledoit-wolf shrinks them towards a \
            multiple of the identity, by an intensity that is estimated from the samples.
            """)
    var shrinkage: CovarianceShrinkage = .none

    @Option(
        help: """
            Write the statistics of the reference to a file that can take its place: .npz, as \
            pytorch-fid's, also with the encoder, its sampling and its precision.
            """,
        completion: .paths)
    var saveStats: String?

    @Flag(help: "Also compute the kernel distance, as KID, over subsets of both sets.")
    var kernel = false

    @OptionGroup var estimates: DistanceOptions

    @Option(help: "table for people, json for programs.")
    var format: Format = .table

    @Flag(name: .shortAndLong, help: "No progress.")
    var quiet = false

    @OptionGroup var embedding: EmbeddingOptions
    @OptionGroup var terminal: TerminalOptions

    func validate() throws {
        let areStatistics = [reference, other].map(Self.isStatistics)
        guard kernel || estimates.hasDefaultSubsets else {
            throw ValidationError("--subsets and --subset-size go with --kernel")
        }
        guard !kernel || areStatistics == [false, false] else {
            throw ValidationError(
                "--kernel needs samples, and a .npz file has none; name embeddings of ganrm encode")
        }
        guard shrinkage == .none || areStatistics == [false, false] else {
            throw ValidationError(
                """
                --shrinkage needs samples, and a .npz file has none; name embeddings of ganrm encode
                """)
        }
        guard estimates.resamples == nil || areStatistics.contains(false) else {
            throw ValidationError("--resamples needs samples, and .npz files have none")
        }
        guard let saveStats else { return }
        guard Self.isStatistics(saveStats) else {
            throw ValidationError("--save-stats writes statistics; name a file that ends in .npz")
        }
        guard shrinkage == .none else {
            throw ValidationError("--save-stats keeps covariances without --shrinkage")
        }
        guard !areStatistics[0] else {
            throw ValidationError("--save-stats: the reference is a file of statistics already")
        }
    }

    func run() throws {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        let lock = try saveStats.map { try OutputLock(output: $0) }
        defer { withExtendedLifetime(lock) {} }
        if let saveStats {
            try FileSystem.checkWritable(saveStats, isReplaced: true, failing: CommandError.file)
        }
        for side in [reference, other] where !Self.isStatistics(side) {
            if let path = EmbeddingSet.path(ofSide: [side]) {
                _ = try EmbeddingSet(path: path)
            } else {
                try RequestSource.check(side: [side])
            }
        }
        let statistics = try [reference, other].map { side in
            Self.isStatistics(side)
                ? try DistanceSide(name: side, statistics: FeatureStatistics(path: side)) : nil
        }
        let opened = try embedding.store.open()
        defer { StoreOptions.report(opened) }
        let inputEmbedding = embedding.inputEmbedding(store: opened)
        var tally = Tally("encoded", progress: ProgressLine(isQuiet: quiet))
        defer { tally.progress.clear() }
        let sides = try zip([reference, other], statistics).map { side, statistics in
            if let statistics { return statistics }
            let embeddings = try embedding.store.reportingInterruption {
                try inputEmbedding.embeddings(ofSide: [side], interruption: interruption) {
                    tally.show($0, label: side)
                }
            }
            let isEncodedHere = EmbeddingSet.path(ofSide: [side]) == nil
            return DistanceSide(
                name: side, embeddings: embeddings,
                precision: isEncodedHere ? inputEmbedding.encoders.precision : nil)
        }
        tally.printSummary()
        signals.leaveNext(with: "interrupted; nothing is written")
        let report = try DistanceReport(
            reference: sides[0], other: sides[1], shrinkage: shrinkage,
            bootstrap: estimates.bootstrap, kernel: kernel ? estimates.kernel : nil)
        for warning in report.warnings() { Terminal.printMessage("ganrm: warning: \(warning)") }
        if let saveStats { try report.referenceStatistics().write(to: saveStats) }
        try LineWriter().write(text: format == .json ? report.json : report.table)
        try tally.checkFailures()
    }

    /// Whether a side or an output is a file of statistics, as pytorch-fid tells them.
    private static func isStatistics(_ path: String) -> Bool { path.hasByteSuffix(".npz") }
}

extension Distance: WritesOutput {
    var outputFile: String? { saveStats }

    var readFiles: ReadFiles {
        ReadFiles(
            files: [reference, other].filter(Self.isStatistics),
            sides: [reference, other].filter { !Self.isStatistics($0) }.map { [$0] })
            + embedding.readFiles
    }
}
