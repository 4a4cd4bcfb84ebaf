import ArgumentParser
import Evaluation
import Files
import Pipeline
import Scoring

struct Distance: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    static let configuration = CommandConfiguration(
        abstract: "Compute the Fréchet distance between two sets of inputs.",
        discussion: """
            As FID and FVD, but over the embeddings of any encoder: 0 for equal sets, and smaller \
            for sets that are more alike. Each set is a folder, a glob, a list (.txt or .jsonl, one \
            path or JSON object per line) or embeddings of ganrm encode. With few samples the \
            distance is too high; see \(Documentation.path("evaluation")).
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

    @Option(help: "table for people, json for programs.")
    var format: Format = .table

    @Flag(name: .shortAndLong, help: "No progress.")
    var quiet = false

    @OptionGroup var embedding: EmbeddingOptions
    @OptionGroup var terminal: TerminalOptions

    func run() throws {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        for side in [reference, other] {
            if let path = EmbeddingSet.path(ofSide: [side]) {
                _ = try EmbeddingSet(path: path)
            } else {
                try RequestSource.check(side: [side])
            }
        }
        let opened = try embedding.store.open()
        defer { StoreOptions.report(opened) }
        let inputEmbedding = embedding.inputEmbedding(store: opened)
        var tally = Tally("encoded", progress: ProgressLine(isQuiet: quiet))
        defer { tally.progress.clear() }
        let sides = try [reference, other].map { side in
            try embedding.store.reportingInterruption {
                try inputEmbedding.embeddings(ofSide: [side], interruption: interruption) {
                    tally.show($0, label: side)
                }
            }
        }
        tally.printSummary()
        let isEncodedHere = [reference, other].contains {
            EmbeddingSet.path(ofSide: [$0]) == nil
        }
        let report = try DistanceReport(
            reference: .init(name: reference, embeddings: sides[0]),
            other: .init(name: other, embeddings: sides[1]), shrinkage: shrinkage,
            precision: isEncodedHere ? inputEmbedding.encoders.precision : nil)
        if let warning = report.warning { Terminal.printMessage("ganrm: warning: \(warning)") }
        try LineWriter().write(text: format == .json ? report.json : report.table)
        try tally.checkFailures()
    }
}
