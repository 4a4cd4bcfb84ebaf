import ArgumentParser
import Encoders
import Foundation
import GANRM
import Media
import Reward
import Store

struct Eval: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, html
    }

    static let configuration = CommandConfiguration(
        abstract: "Say how good a reward model is: against labels, preferences or ratings.",
        discussion: """
            Every figure has a 95 % interval, from resampling whole groups. Several kinds of \
            evidence may be given at once; each input is scored once. What the figures mean: \
            docs/evaluation.md.
            """)

    @OptionGroup(title: "Evidence") var evidence: EvidenceOptions
    @OptionGroup(title: "Encoder") var encoder: EncoderOptions
    @OptionGroup(title: "Sampling") var sampling: SamplingOptions
    @OptionGroup(title: "Store") var store: StoreOptions

    @Option(help: "The reward model: a file or folder, or default.")
    var model = "default"

    @Option(help: "For people, for programs, or a page with charts and thumbnails.")
    var format: Format = .table

    @Option(name: .shortAndLong, help: "Write to a file instead of standard output.")
    var output: String?

    @Option(help: "How often figures are computed anew for their intervals.")
    var resamples = GroupBootstrap.usualResamples

    @Option(help: "Seed of the resamples.")
    var seed: UInt64 = 0

    @Flag(name: .shortAndLong, help: "No progress and no messages for failed inputs.")
    var quiet = false

    func validate() throws {
        guard resamples >= 1 else { throw ValidationError("--resamples is at least 1") }
    }

    func run() throws {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        var (evidence, scores) = try evidence.read()
        let opened = scores == nil ? try store.open() : nil
        defer { StoreOptions.report(opened) }
        if scores == nil {
            scores = try score(evidence.inputs, store: opened, interruption: interruption)
        }
        let report = EvaluationReport(
            evidence, scores: scores ?? ScoreTable(), resamples: resamples, seed: seed)
        if !quiet {
            for failure in report.failures { Terminal.complain("ganrm: \(failure.reason)") }
        }
        guard !report.isEmpty else {
            Terminal.complain(
                "ganrm: there is nothing to evaluate; no labelled sample, pair or rating has scores"
            )
            throw ExitStatus.nothingDone
        }
        let text =
            switch format {
            case .table: report.table
            case .json: report.json
            case .html: EvaluationPage(report).html
            }
        try stop(if: interruption)
        let file = output == "-" ? nil : output
        try (file.map { try LineWriter(path: $0) } ?? LineWriter()).write(text)
        if !report.failures.isEmpty { throw ExitStatus.someInputsFailed }
    }

    /// Scores the evidence's inputs, each once.
    private func score(
        _ inputs: [String], store: EmbeddingStore?, interruption: Interruption
    ) throws -> ScoreTable {
        let loading = encoder.loading
        let scorer = try loading.scorer(model: model)
        let pipeline = EncodingPipeline(
            encoders: scorer.encoders,
            samplingPlan: try sampling.plan(usual: scorer.model.sampling),
            batchSize: encoder.batch, store: store)
        var progress = Progress(total: inputs.count, isQuiet: quiet)
        let table = try ScoreTable.scoring(
            inputs.map { Request(input: $0) }, with: scorer, pipeline,
            provenance: Provenance(
                scorer, plan: pipeline.samplingPlan, precision: loading.precision.precision),
            interruption: interruption
        ) { _ in progress.advance() }
        progress.clear()
        try stop(if: interruption)
        return table
    }

    /// A report of a part would mislead.
    private func stop(if interruption: Interruption) throws {
        guard interruption.isRequested else { return }
        Terminal.complain("ganrm: interrupted; nothing is written")
        throw ExitStatus.interrupted
    }
}
