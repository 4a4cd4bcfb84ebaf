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
            the clips of one source on one side of the split) or embeddings of ganrm encode.
            """)

    @Option(parsing: .upToNextOption, help: "Samples that people like (label 1).")
    var proxy: [String]

    @Option(parsing: .upToNextOption, help: "Raw outputs of the generator (label 0).")
    var generated: [String]

    @OptionGroup(title: "Encoder") var encoder: EncoderOptions
    @OptionGroup(title: "Sampling") var sampling: SamplingOptions
    @OptionGroup(title: "Store") var store: StoreOptions

    @Option(help: "Blocks to take embeddings from, as 5,8,11 (default: the last one).")
    var taps: BlockList?

    @Option(help: "Optimiser steps.")
    var steps: Int = TrainingSettings().steps

    @Option(help: "Samples per forward pass, half of them proxy.")
    var batchSize: Int = TrainingSettings().batchSize

    @Option(help: "Forward passes per optimiser step.")
    var accumulation: Int = TrainingSettings().accumulation

    @Option(help: "Learning rate of AdamW after the warm-up.")
    var learningRate: Double = TrainingSettings().learningRate

    @Option(help: "Steps over which the learning rate rises.")
    var warmUpSteps: Int = TrainingSettings().warmUpSteps

    @Option(help: "Decoupled weight decay of AdamW.")
    var weightDecay: Double = TrainingSettings().weightDecay

    @Option(help: "Share of hidden numbers that a batch drops.")
    var dropout: Double = TrainingSettings().dropout

    @Option(help: "Share of each class that is held out, by group.")
    var validationShare: Double = TrainingSettings().validationShare

    @Flag(help: "Train on embeddings of mean 0 and deviation 1; folded into the head afterwards.")
    var standardize = false

    @Option(help: "Seed of initial weights, split, order and dropout.")
    var seed: UInt64 = TrainingSettings().seed

    @Option(name: .shortAndLong, help: "The reward model to write.")
    var output: String

    @Flag(help: "Write half-precision numbers.")
    var half = false

    @Flag(name: .shortAndLong, help: "No progress.")
    var quiet = false

    func run() throws {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        var settings = TrainingSettings()
        settings.steps = steps
        settings.batchSize = batchSize
        settings.accumulation = accumulation
        settings.learningRate = learningRate
        settings.warmUpSteps = warmUpSteps
        settings.weightDecay = weightDecay
        settings.dropout = dropout
        settings.validationShare = validationShare
        settings.standardizesEmbeddings = standardize
        settings.seed = seed
        // Before the clips are encoded, which takes long.
        try settings.validate()

        let opened = try store.open()
        defer { StoreOptions.report(opened) }
        let encoders = encoder.loading.encoders(taps: taps?.blocks)
        var samples = TrainingSamples()
        for (isProxy, inputs) in [(true, proxy), (false, generated)] {
            let embeddings = try embed(
                inputs, encoders: encoders, store: opened, interruption: interruption)
            try samples.append(embeddings, isProxy: isProxy)
        }
        guard let sampling = samples.sampling else { return }
        let outcome = try fit(samples.examples, settings: settings, interruption: interruption)
        let model = try RewardModel(
            head: outcome.head, encoders: samples.encoders, sampling: sampling,
            training: TrainingRecord(settings: settings, figures: outcome.figures))
        try model.write(to: output, as: half ? .f16 : .f32)
        // As written: rounding to half precision makes it another model.
        report(outcome.figures, model: try RewardModel.load(output))
    }

    /// The embeddings of one side: from a file of `ganrm encode`, or by encoding now.
    private func embed(
        _ inputs: [String], encoders: EncoderSet, store: EmbeddingStore?,
        interruption: Interruption
    ) throws -> EmbeddingSet {
        if inputs.count == 1, inputs[0].hasSuffix(".safetensors") {
            return try EmbeddingSet(path: inputs[0])
        }
        let isList = inputs.count == 1 && [".txt", ".jsonl"].contains { inputs[0].hasSuffix($0) }
        let requests = try RequestSource(
            inputs: isList ? [] : inputs, list: isList ? inputs[0] : nil)
        let usual = try encoders.encoder(for: .video).usualSampling
        let plan = try sampling.plan(usual: usual)
        var collector = EmbeddingCollector(
            encoders: try encoders.identities(), sampling: plan.file)
        var tally = Tally(progress: Progress(total: requests.total, isQuiet: quiet))
        try EncodingPipeline(
            encoders: encoders, samplingPlan: plan, batchSize: encoder.batch, store: store
        ).run(next: { requests.next() }, interruption: interruption) { events in
            collector.add(events) { tally.count(failure: $0) }
        }
        tally.progress.clear()
        if interruption.isRequested { throw ExitStatus.interrupted }
        return collector.embeddings
    }

    private func fit(
        _ examples: [Example], settings: TrainingSettings, interruption: Interruption
    ) throws -> TrainingOutcome {
        var trainer = try HeadTrainer(settings: settings, examples: examples)
        let isShown = !quiet && Terminal.isInteractive
        while trainer.stepCount < settings.steps {
            let loss = try trainer.step()
            if interruption.isRequested { throw ExitStatus.interrupted }
            if isShown && trainer.stepCount % 50 == 0 {
                Terminal.show(
                    "step \(trainer.stepCount)/\(settings.steps)  loss "
                        + String(format: "%.4f", loss))
            }
        }
        if isShown { Terminal.clear() }
        return try trainer.run()
    }

    /// The closing summary, on standard error.
    private func report(_ figures: TrainingFigures, model: RewardModel) {
        func line(_ name: String, _ evaluation: Evaluation) -> String {
            String(
                format: "  %@: %d samples, log loss %.4f, accuracy %.4f, AUC %@", name,
                evaluation.count, evaluation.loss, evaluation.accuracy,
                evaluation.auc.map { String(format: "%.4f", $0) } ?? "-")
        }
        Terminal.complain(
            "ganrm: trained \(figures.steps) steps on \(figures.proxyCount) proxy and "
                + "\(figures.generatedCount) generated samples")
        Terminal.complain(line("training", figures.training))
        if let validation = figures.validation {
            Terminal.complain(line("validation", validation))
        }
        Terminal.complain("  \(output): model \(model.shortFingerprint)")
    }
}
