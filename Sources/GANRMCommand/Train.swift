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
            side's, perturbed: true marks a degraded copy) or embeddings of ganrm encode.
            """)

    @Option(parsing: .upToNextOption, help: "Samples that people like (label 1).")
    var proxy: [String]

    @Option(parsing: .upToNextOption, help: "Raw outputs of the generator (label 0).")
    var generated: [String]

    @OptionGroup(title: "Training") var training: TrainingOptions
    @OptionGroup(title: "Bootstrapping") var bootstrapping: BootstrapOptions
    @OptionGroup(title: "Encoder") var encoder: EncoderOptions
    @OptionGroup(title: "Sampling") var sampling: SamplingOptions
    @OptionGroup(title: "Store") var store: StoreOptions

    @Option(help: "Blocks to take embeddings from, as 5,8,11 (default: the last one).")
    var taps: BlockList?

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

        // Before the clips are encoded, which takes long.
        let settings = try training.settings()
        let bootstrap = try bootstrapping.bootstrap()

        let opened = try store.open()
        defer { StoreOptions.report(opened) }
        let encoders = encoder.loading.encoders(taps: taps?.blocks)
        var samples = TrainingSamples()
        let sides: [(TrainingSamples.Side, [String])] = [
            (.proxy, proxy), (.generated, generated), (.candidates, bootstrapping.candidates),
        ]
        for (side, inputs) in sides where !inputs.isEmpty {
            let embeddings = try embed(
                inputs, encoders: encoders, store: opened, interruption: interruption)
            try samples.append(embeddings, as: side)
        }
        guard let sampling = samples.sampling else { return }
        report(samples.comparison)
        let plan = try HeadTraining(
            settings: settings, examples: samples.examples, bootstrap: bootstrap,
            candidates: samples.candidates)
        let rounds = try fit(plan, interruption: interruption)
        guard let last = rounds.last else { return }
        let lineage = try rounds.dropLast().map {
            try RewardModel(
                head: $0.outcome.head, encoders: samples.encoders, sampling: sampling
            ).fingerprint
        }
        let model = try RewardModel(
            head: last.outcome.head, encoders: samples.encoders, sampling: sampling,
            training: TrainingRecord(
                settings: settings, figures: last.outcome.figures, lineage: lineage,
                bootstrap: bootstrap, pseudoLabels: bootstrap.map { _ in last.pseudoLabels }),
            reference: last.outcome.reference)
        try model.write(to: output, as: half ? .f16 : .f32)
        // As written: rounding to half precision makes it another model.
        Terminal.complain("  \(output): model \(try RewardModel.load(output).shortFingerprint)")
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

    /// Says what the sides are like, and warns where that gives them away.
    private func report(_ comparison: SideComparison) {
        if !quiet {
            Terminal.complain("ganrm: proxy: \(comparison.proxy)")
            Terminal.complain("ganrm: generated: \(comparison.generated)")
        }
        for warning in comparison.warnings { Terminal.complain("ganrm: warning: \(warning)") }
    }

    /// Trains and says on standard error how it goes.
    private func fit(
        _ plan: HeadTraining, interruption: Interruption
    ) throws -> [HeadTraining.Round] {
        let isShown = !quiet && Terminal.isInteractive
        let rounds = try plan.run { round, step, loss in
            if interruption.isRequested { throw ExitStatus.interrupted }
            guard isShown && step % 50 == 0 else { return }
            Terminal.show(
                "round \(round + 1)  step \(step)/\(plan.settings.steps)  loss "
                    + String(format: "%.4f", loss))
        }
        if isShown { Terminal.clear() }
        for round in rounds { report(round) }
        return rounds
    }

    private func report(_ round: HeadTraining.Round) {
        func line(_ name: String, _ evaluation: Evaluation) -> String {
            String(
                format: "  %@: %d samples, log loss %.4f, accuracy %.4f, AUC %@", name,
                evaluation.count, evaluation.loss, evaluation.accuracy,
                evaluation.auc.map { String(format: "%.4f", $0) } ?? "-")
        }
        let positives = round.pseudoLabels.filter { $0.rank != nil }
        let negatives = round.pseudoLabels.filter { $0.rank == nil }
        if let best = positives.first, let last = positives.last {
            Terminal.complain(
                String(
                    format:
                        "ganrm: bootstrapped %d positives, logits %.3f to %.3f, labels %.3f to %.3f; "
                        + "%d negatives", positives.count, best.logit, last.logit, best.label,
                    last.label, negatives.count)
                    + (negatives.last.map {
                        String(
                            format: ", logits %.3f to %.3f", negatives.first?.logit ?? $0.logit,
                            $0.logit)
                    } ?? ""))
        }
        let figures = round.outcome.figures
        Terminal.complain(
            "ganrm: trained \(figures.steps) steps on \(figures.proxyCount) proxy and "
                + "\(figures.generatedCount) generated samples"
                + (figures.perturbedCount.map { $0 > 0 ? " and \($0) degraded copies" : "" } ?? ""))
        Terminal.complain(line("training", figures.training))
        if let validation = figures.validation {
            Terminal.complain(line("validation", validation))
        }
    }
}
