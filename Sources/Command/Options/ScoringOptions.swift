import ArgumentParser
import Pipeline
import Scoring
import Store

/// Options for scoring inputs, for commands that need all scores at once.
struct ScoringOptions: ParsableArguments {
    @OptionGroup(title: "Encoder") var encoder: EncoderOptions
    @OptionGroup(title: "Sampling") var sampling: SamplingOptions
    @OptionGroup(title: "Store") var store: StoreOptions

    @Option(help: "The reward model: a file or folder, or default.", completion: .rewardModels)
    var model = "default"

    /// A reward model that is ready to score.
    struct Loaded {
        let scoring: InputScoring
        let store: EmbeddingStore?
    }

    /// Loads the reward model and opens the store.
    func load(isQuiet: Bool) throws -> Loaded {
        let opened = try store.open()
        let scoring = try InputScoring(
            encoder.scorer(model: model, isQuiet: isQuiet), sampling: sampling.overrides(),
            batchSize: encoder.batch, store: opened)
        return Loaded(scoring: scoring, store: opened)
    }

    /// Scores inputs, each once.
    ///
    /// - Throws: `ExitStatus.interrupted`, since partial results would be misleading; embeddings
    ///   computed so far are in the store.
    func score(
        _ inputs: [String], by loaded: Loaded? = nil, isQuiet: Bool, interruption: Interruption
    ) throws -> ScoreTable {
        let loaded = try loaded ?? load(isQuiet: isQuiet)
        defer { StoreOptions.report(loaded.store) }
        let progress = ProgressLine(isQuiet: isQuiet)
        var summary = RunSummary("scored")
        defer { progress.clear() }
        do {
            let table = try loaded.scoring.table(of: inputs, interruption: interruption) {
                progress.show($0)
            }
            progress.clear()
            for scored in table.inputs { summary.add(score: scored.score, input: scored.input) }
            summary.print(
                done: table.inputs.count + table.failures.count, failed: table.failures.count,
                after: progress)
            return table
        } catch is CancellationError {
            progress.clear()
            throw interrupted()
        }
    }

    /// See `StoreOptions.interrupted`.
    func interrupted() -> ExitStatus { store.interrupted() }
}

extension ScoringOptions {
    var readFiles: ReadFiles {
        ReadFiles(files: [try? DefaultModel.path(ofModel: model)]) + encoder.readFiles
            + store.readFiles
    }
}
