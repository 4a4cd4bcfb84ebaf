import ArgumentParser
import Encoders
import Foundation
import GANRM
import Media
import Reward
import Store
import Tensors

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a head: proxy data against raw generator outputs.",
        discussion: """
            Each side is a folder, files, a list (one path or JSON object a line; a key group keeps \
            the clips of one source on one side of the split, label from 0 to 1 stands in for the \
            side's, weight says how much a sample counts, perturbed: true marks a degraded copy, of \
            the path that it is a copy of) or embeddings of ganrm encode.
            """)

    @Option(parsing: .upToNextOption, help: "Samples that people like (label 1).")
    var proxy: [String]

    @Option(parsing: .upToNextOption, help: "Raw outputs of the generator (label 0).")
    var generated: [String]

    @Option(
        parsing: .upToNextOption,
        help: "Samples to try the head on, with labels, in place of a share of the others.")
    var validation: [String] = []

    @OptionGroup(title: "Sides") var treating: SideOptions
    @OptionGroup(title: "Training") var training: TrainingOptions
    @OptionGroup(title: "Bootstrapping") var bootstrapping: BootstrapOptions
    @OptionGroup var embedding: EmbeddingOptions

    @Option(name: .shortAndLong, help: "The reward model to write.")
    var output: String

    @Option(
        help: "The reward model to start from, for its encoders (default: fresh weights).")
    var initial: String?

    @Option(help: "A file of lines of JSON: every step, evaluation and bootstrapped label.")
    var log: String?

    @Option(
        help: "A YAML file of options, their long names as keys; the command line wins.")
    var config: String?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Show the head black frames, noise, stripes and other failures with the label 0, which FFmpeg's \
            own sources make; see ganrm head check.
            """)
    var sanity = true

    @Flag(help: "Begin anew where an interrupted training could go on.")
    var fresh = false

    @Flag(help: "Write half-precision numbers.")
    var half = false

    @Flag(name: .shortAndLong, help: "No progress.")
    var quiet = false

    func validate() throws {
        guard embedding.motion == nil || treating.parts else {
            throw ValidationError("--motion is judged by the part for damage: add --parts")
        }
    }

    func run() throws {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        // Before the clips are encoded, which takes long.
        let settings = try training.settings()
        let bootstrap = try bootstrapping.bootstrap()
        let start = try initial.map { try RewardModel.load($0) }
        if let count = start?.ensemble.members.count, count > 1 {
            throw RewardError.badSetting(
                name: "initial", requirement: "a single head, not an ensemble of \(count)")
        }

        let opened = try embedding.store.open()
        defer { StoreOptions.report(opened) }
        let embedder = SideEmbedder(
            embedding, store: opened, isQuiet: quiet, interruption: interruption)
        var samples = TrainingSamples()
        let sides: [(TrainingSamples.Side, [String])] = [
            (.proxy, proxy), (.generated, generated), (.candidates, bootstrapping.candidates),
            (.validation, validation),
        ]
        try treating.check(sides.map(\.1))
        let match = try treating.match ? match(interruption: interruption) : nil
        for (side, inputs) in sides where !inputs.isEmpty {
            let embeddings = try embed(inputs, as: side, match: match, with: embedder)
            try samples.append(embeddings, as: side)
        }
        report(samples)
        let failures = sanity ? self.failures(for: samples, store: opened) : []
        let trained = try fit(
            RewardModelTraining(
                samples, settings: settings, bootstrap: bootstrap,
                failures: failures.filter(\.pattern.isShown).map(\.embedding),
                damage: treating.parts, initial: start),
            interruption: interruption)
        report(HeadCheck(trained, failures))
        if embedding.motion != nil, trained.damage?.motion == nil {
            Terminal.complain(
                """
                ganrm: warning: there are too few degraded copies of moving samples to learn what motion is; add \
                --perturb or more samples
                """)
        }
        if trained.familiarity == nil {
            Terminal.complain(
                "ganrm: warning: these are too few samples for the head to know what is unlike them"
            )
        }
        try trained.write(to: output, as: half ? .f16 : .f32)
        try checkpoints.remove()
        // As written: rounding to half precision makes it another model.
        Terminal.complain("  \(output): model \(try RewardModel.load(output).shortFingerprint)")
    }

    /// Where an interrupted training waits for its continuation.
    private var checkpoints: CheckpointFolder { CheckpointFolder(path: output + ".training") }

    /// The embeddings of one side, with its degraded copies if there are to be any.
    private func embed(
        _ inputs: [String], as side: TrainingSamples.Side, match: SideMatch?,
        with embedder: SideEmbedder
    ) throws -> EmbeddingSet {
        let isClass = side == .proxy || side == .generated
        return try embedder.embed(
            inputs,
            perturbation: isClass
                ? treating.copies.perturbation(degradesMotion: embedding.motion != nil)
                : Perturbation(copyCount: 0),
            treatment: match?.treatment
        ).embeddings
    }

    /// What both sides can share, by a look at each clip; nil if one cannot be read at all.
    private func match(interruption: Interruption) throws -> SideMatch? {
        let (good, raw) = (try RequestSource(side: proxy), try RequestSource(side: generated))
        let match = SideMatch(
            proxy: SideMatch.probe(good, interruption: interruption),
            generated: SideMatch.probe(raw, interruption: interruption))
        if interruption.isRequested { throw ExitStatus.interrupted }
        if let match, !quiet { Terminal.complain("ganrm: both sides are brought to \(match)") }
        return match
    }

    /// Failures as the samples' encoders see them; none, with a warning, if those are not at hand.
    private func failures(
        for samples: TrainingSamples, store: EmbeddingStore?
    ) -> [FailureEmbedding] {
        do {
            return try FailureEmbedding.embeddings(
                of: FailurePattern.all, for: samples, by: embedding.encoder.loading, store: store)
        } catch {
            Terminal.complain(
                """
                ganrm: warning: no failures are shown to the head (\(error)); name the encoder by \
                --encoder and --weights, or leave them out by --no-sanity
                """)
            return []
        }
    }

    /// Says how the head takes failures, loudly if one could win.
    private func report(_ check: HeadCheck) {
        guard !check.rows.isEmpty else { return }
        if !quiet { Terminal.complain("ganrm: \(check.summary)") }
        if let warning = check.warning { Terminal.complain("ganrm: WARNING: \(warning)") }
    }

    /// Says what the sides are like, and warns where that gives them away.
    private func report(_ samples: TrainingSamples) {
        let comparison = samples.comparison
        if !quiet {
            Terminal.complain("ganrm: proxy: \(comparison.proxy)")
            Terminal.complain("ganrm: generated: \(comparison.generated)")
        }
        for warning in samples.warnings { Terminal.complain("ganrm: warning: \(warning)") }
        if comparison.callsForMatch && !treating.match {
            Terminal.complain(
                "ganrm: --match brings both sides to one frame rate, size and codec")
        }
    }

    /// Trains and says on standard error how it goes.
    private func fit(
        _ training: RewardModelTraining, interruption: Interruption
    ) throws -> RewardModel {
        let report = TrainingReport(training.plan, isQuiet: quiet)
        let log = try log.map { try TrainingLog(path: $0) }
        if fresh { try checkpoints.remove() }
        do {
            let (model, result) = try training.run(checkpoints: checkpoints) { place, event in
                try log?.write(place, event)
                report.show(place, event)
                if interruption.isRequested { throw ExitStatus.interrupted }
            }
            report.show(result.figures)
            return model
        } catch ExitStatus.interrupted {
            Terminal.complain(
                "ganrm: interrupted; the same command goes on where it stopped (\(checkpoints.path))"
            )
            throw ExitStatus.interrupted
        }
    }
}
