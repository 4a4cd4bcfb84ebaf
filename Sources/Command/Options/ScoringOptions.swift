import ArgumentParser
import Pipeline

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
        let scorer = try encoder.scorer(model: model, isQuiet: isQuiet)
        let scoring = try InputScoring(
            scorer, sampling: sampling.overrides(), batchSize: encoder.batch, store: opened)
        var progress = ProgressLine(isQuiet: isQuiet)
        do {
            let table = try scoring.table(of: inputs, interruption: interruption) {
                progress.show($0)
            }
            progress.clear()
            return table
        } catch is CancellationError {
            progress.clear()
            throw Self.interrupted()
        }
    }

    /// Reports that nothing is written after an interruption, and returns the exit status to throw.
    static func interrupted() -> ExitStatus {
        Terminal.printMessage("ganrm: interrupted; nothing is written")
        return .interrupted
    }
}
