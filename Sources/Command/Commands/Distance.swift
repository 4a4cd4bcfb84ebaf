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
        abstract: "Take the Fréchet distance between two sets of inputs.",
        discussion: """
            As FID and FVD do, but over the embeddings of any encoder: 0 for equal sets, the less the \
            more alike. Each side is a folder, a glob, a list (.txt or .jsonl, one path or JSON \
            object a line) or embeddings of ganrm encode. What few samples do to it: \
            \(Documentation.path("evaluation")).
            """)

    @Argument(help: "What the others are held against, as the proxy data.", completion: .paths)
    var reference: String

    @Argument(help: "What is held against it, as a generator's outputs.", completion: .paths)
    var other: String

    @Option(
        help: """
            What is done to covariances of few samples: ledoit-wolf draws them towards a multiple of \
            the identity, as far as the samples themselves say.
            """)
    var shrinkage: CovarianceShrinkage = .none

    @Option(help: "For people or for programs.")
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
        if tally.failed > 0 { throw ExitStatus.someInputsFailed }
    }
}
