import ArgumentParser
import Encoders
import Frames
import GANRM
import Reward
import Scoring
import Store

/// Which reward model scores inputs, and how: for commands that need all scores at once.
struct ScoringOptions: ParsableArguments {
    @OptionGroup(title: "Encoder") var encoder: EncoderOptions
    @OptionGroup(title: "Sampling") var sampling: SamplingOptions
    @OptionGroup(title: "Store") var store: StoreOptions

    @Option(help: "The reward model: a file or folder, or default.")
    var model = "default"

    /// Scores inputs, each once.
    ///
    /// - Throws: `ExitStatus.interrupted`: a result of a part would mislead, and the store remembers what
    ///   was encoded.
    func score(
        _ inputs: [String], isQuiet: Bool, interruption: Interruption
    ) throws -> ScoreTable {
        let opened = try store.open()
        defer { StoreOptions.report(opened) }
        let loading = encoder.loading
        let scorer = try loading.scorer(model: model)
        if let warning = scorer.warning, !isQuiet {
            Terminal.complain("ganrm: warning: \(warning)")
        }
        let pipeline = EncodingPipeline(
            encoders: scorer.encoders,
            samplingPlan: try sampling.plan(usual: scorer.model.sampling),
            batchSize: encoder.batch, store: opened)
        var progress = Progress(total: inputs.count, isQuiet: isQuiet)
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
        Terminal.complain("ganrm: interrupted; nothing is written")
        throw ExitStatus.interrupted
    }
}
