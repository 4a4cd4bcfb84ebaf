import ArgumentParser
import Files
import Foundation
import Pipeline
import Reward
import Scoring
import Store
import Tensors
import Training

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a head: proxy data against raw generator outputs.",
        discussion: """
            Each side is a folder, files, a list (one path or JSON object a line; a key group keeps \
            the clips of one source on one side of the split, label from 0 to 1 replaces the \
            side's, weight says how much a sample counts, perturbed: true marks a degraded copy, of \
            the path that it is a copy of) or embeddings of ganrm encode.
            """)

    @Option(
        parsing: .upToNextOption, help: "Samples that people like (label 1).", completion: .paths)
    var proxy: [String]

    @Option(
        parsing: .upToNextOption, help: "Raw outputs of the generator (label 0).",
        completion: .paths)
    var generated: [String]

    @Option(
        parsing: .upToNextOption,
        help: "Samples to try the head on, with labels, instead of a share of the others.",
        completion: .paths)
    var validation: [String] = []

    @Option(name: .shortAndLong, help: "The reward model to write.", completion: .rewardModels)
    var output: String

    @Option(
        help: "The reward model to start from, for its encoders (default: fresh weights).",
        completion: .rewardModels)
    var initial: String?

    @Option(
        help: "A file of lines of JSON: every step, evaluation and bootstrapped label.",
        completion: .paths)
    var log: String?

    @Option(
        help: "A YAML file of options, their long names as keys; the command line wins.",
        completion: .yaml)
    var config: String?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Show the head black frames, noise, stripes and other failures with the label 0, which FFmpeg's \
            own sources make; see ganrm head check.
            """)
    var sanity = true

    @Flag(help: "Start over where an interrupted training could go on.")
    var fresh = false

    @Flag(help: "Write half-precision weights.")
    var half = false

    @Flag(name: .shortAndLong, help: "No progress.")
    var quiet = false

    @OptionGroup(title: "Sides") var sideOptions: SideOptions
    @OptionGroup(title: "Training") var training: TrainingOptions
    @OptionGroup(title: "Bootstrapping") var bootstrapping: BootstrapOptions
    @OptionGroup var embedding: EmbeddingOptions
    @OptionGroup var terminal: TerminalOptions

    func validate() throws {
        guard embedding.motion == nil || sideOptions.parts else {
            throw ValidationError("--motion is judged by the part for damage: add --parts")
        }
    }

    func run() throws {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        let lock = try OutputLock(output: output)
        defer { withExtendedLifetime(lock) {} }
        // Checked before the clips are encoded, which takes long.
        let settings = try training.settings()
        let bootstrap = try bootstrapping.bootstrap()
        let initialModel = try initial.map { try RewardModel.load($0) }
        if let initialModel { try RewardModelTraining.check(initial: initialModel) }

        let opened = try embedding.store.open()
        defer { StoreOptions.report(opened) }
        try FileSystem.checkWritable(output, isReplaced: true, failing: CommandError.file)
        if let log { try FileSystem.checkWritable(log, failing: CommandError.file) }

        let sides = TrainingSides(
            proxy: proxy, generated: generated, candidates: bootstrapping.candidates,
            validation: validation,
            degradedCopies: sideOptions.copies.degradedCopies(
                degradesMotion: embedding.motion != nil))
        let inputEmbedding = embedding.inputEmbedding(
            like: try sides.embeddingDefaults() ?? initialModel.map { EmbeddingDefaults($0) }
                ?? defaultModel.map { EmbeddingDefaults($0) },
            store: opened)
        try sides.check(by: inputEmbedding, initial: initialModel)
        let match = sideOptions.match ? try sides.match(interruption: interruption) : nil
        if let match, !quiet { Terminal.printMessage("ganrm: both sides are brought to \(match)") }
        var tally = Tally("encoded", progress: ProgressLine(isQuiet: quiet))
        let samples = try embedding.store.reportingInterruption {
            try sides.samples(by: inputEmbedding, match: match, interruption: interruption) {
                tally.show($1, label: $0.rawValue)
            }
        }
        tally.printSummary()
        report(samples)
        let trained = try fit(
            RewardModelTraining(
                samples, settings: settings, bootstrap: bootstrap,
                failures: sanity
                    ? try failures(for: samples, store: opened, interruption: interruption) : [],
                trainsDegradationPart: sideOptions.parts, initial: initialModel),
            interruption: interruption)
        report(trained.check)
        let model = trained.model
        if embedding.motion != nil, model.degradation?.motion == nil {
            Terminal.printMessage(
                """
                ganrm: warning: there are too few degraded copies of moving samples to learn what motion is; add \
                --perturb or more samples
                """)
        }
        if model.familiarity == nil {
            Terminal.printMessage(
                "ganrm: warning: these are too few samples for the head to know what is unlike them"
            )
        }
        try model.write(to: output, as: half ? .f16 : .f32)
        try checkpoints.remove()
        // Loaded from the file, since rounding to half precision changes the fingerprint.
        Terminal.printMessage("  \(output): model \(try RewardModel.load(output).shortFingerprint)")
    }

    /// The default reward model, whose embeddings may be in the store; nil if it is not installed.
    private var defaultModel: RewardModel? {
        guard let path = try? DefaultModel.path(ofModel: "default") else { return nil }
        return try? RewardModel.load(path)
    }

    /// Checkpoints from which an interrupted training resumes.
    private var checkpoints: CheckpointFolder { CheckpointFolder(path: output + ".training") }

    /// Failure patterns embedded by the samples' encoders; empty, with a warning, without the encoders.
    private func failures(
    ///
    /// - Throws: `ExitStatus.interrupted`.
        for samples: TrainingSamples, store: EmbeddingStore?, interruption: Interruption
    ) throws -> [FailureEmbedding] {
        // Stays until that of the training replaces it.
        let progress = ProgressLine("failure samples", isQuiet: quiet)
        progress.show()
        do {
            return try FailureEmbedding.embeddings(
                for: samples, by: embedding.encoder.loading, store: store
            ) { done, total in
                try interruption.check()
                progress.show("failure samples", done: done, of: total)
            }
        } catch is CancellationError {
            throw embedding.store.interrupted()
        } catch {
            Terminal.printMessage(
                """
                ganrm: warning: no failures are shown to the head (\(error)); name the encoder by \
                --encoder and --weights, or leave them out by --no-sanity
                """)
            return []
        }
    }

    /// Reports how the head scores failure patterns, with a warning if one could win.
    private func report(_ check: HeadCheck) {
        guard !check.rows.isEmpty else { return }
        if !quiet { Terminal.printMessage("ganrm: \(check.summary)") }
        if let warning = check.warning { Terminal.printMessage("ganrm: WARNING: \(warning)") }
    }

    /// Reports statistics of both sides, and warns of differences that a head could exploit.
    private func report(_ samples: TrainingSamples) {
        let comparison = samples.comparison
        if !quiet {
            Terminal.printText("ganrm: proxy: \(comparison.proxy)")
            Terminal.printText("ganrm: generated: \(comparison.generated)")
        }
        for warning in samples.warnings { Terminal.printMessage("ganrm: warning: \(warning)") }
        if comparison.canBeMatched && !sideOptions.match {
            Terminal.printMessage(
                "ganrm: --match brings both sides to one frame rate, size and codec")
        }
    }

    /// Trains the model and reports progress on standard error.
    private func fit(
        _ training: RewardModelTraining, interruption: Interruption
    ) throws -> RewardModelTraining.Output {
        let report = TrainingReport(training.plan, isQuiet: quiet)
        defer { report.clear() }
        let log = try log.map { try TrainingLog(path: $0) }
        if fresh { try checkpoints.remove() }
        do {
            let trained = try training.run(
                checkpoints: checkpoints, log: log, interruption: interruption,
                progress: report.show)
            report.show(trained.result.metrics)
            return trained
        } catch let error as CancellationError {
            Terminal.printMessage(
                "ganrm: interrupted; the same command goes on where it stopped (\(checkpoints.path))"
            )
            throw error
        }
    }
}
