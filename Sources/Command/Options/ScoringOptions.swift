import ArgumentParser
import Encoders
import Evaluation
import Frames
import Pipeline
import Reward
import Scoring
import Store

/// Options for scoring inputs, for commands that need all scores at once.
struct ScoringOptions: ParsableArguments {
    @OptionGroup(title: "Encoder") var encoder: EncoderOptions
    @OptionGroup(title: "Sampling") var sampling: SamplingOptions
    @OptionGroup(title: "Store") var store: StoreOptions

    @Option(help: "The reward model: a file or folder, or default.")
    var model = "default"

    /// Scores inputs, each once.
    ///
    /// - Throws: `ExitStatus.interrupted`, since partial results would be misleading; embeddings
    ///   computed so far are in the store.
    func score(
        _ inputs: [String], isQuiet: Bool, interruption: Interruption
    ) throws -> ScoreTable {
        let opened = try store.open()
        defer { StoreOptions.report(opened) }
        let loading = encoder.loading
        let scorer = try loading.scorer(model: model)
        if let warning = scorer.warning, !isQuiet {
            Terminal.printMessage("ganrm: warning: \(warning)")
        }
        let pipeline = EncodingPipeline(
            encoders: scorer.encoders,
            samplingPlan: try sampling.plan(usual: scorer.model.sampling),
            batchSize: encoder.batch, store: opened)
        var progress = ProgressLine(total: inputs.count, isQuiet: isQuiet)
        let table = try ScoreTable.scoring(
            inputs.map { Request(input: $0) }, with: scorer, pipeline,
            provenance: Provenance(
                scorer, plan: pipeline.samplingPlan, precision: loading.precision.precision),
            interruption: interruption
        ) { _ in progress.advance() }
        progress.clear()
        try Self.stop(if: interruption)
        return table
    }

    static func stop(if interruption: Interruption) throws {
        guard interruption.isRequested else { return }
        Terminal.printMessage("ganrm: interrupted; nothing is written")
        throw ExitStatus.interrupted
    }
}
