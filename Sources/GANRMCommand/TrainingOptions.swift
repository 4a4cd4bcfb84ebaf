import ArgumentParser
import Reward

/// How a head is trained; the defaults are `TrainingSettings`' own.
struct TrainingOptions: ParsableArguments {
    private static var usual: TrainingSettings { TrainingSettings() }

    @Option(help: "Optimiser steps.")
    var steps = usual.steps

    @Option(help: "Samples per forward pass, half of them proxy.")
    var batchSize = usual.batchSize

    @Option(help: "Degraded copies that join each forward pass, if there are any.")
    var perturbedPerBatch = usual.perturbedPerBatch

    @Option(help: "Forward passes per optimiser step.")
    var accumulation = usual.accumulation

    @Option(help: "Learning rate of AdamW after the warm-up.")
    var learningRate = usual.learningRate

    @Option(help: "Steps over which the learning rate rises.")
    var warmUpSteps = usual.warmUpSteps

    @Option(help: "Decoupled weight decay of AdamW.")
    var weightDecay = usual.weightDecay

    @Option(help: "Share of hidden numbers that a batch drops.")
    var dropout = usual.dropout

    @Option(help: "Share of each class that is held out, by group.")
    var validationShare = usual.validationShare

    @Flag(help: "Train on embeddings of mean 0 and deviation 1; folded into the head afterwards.")
    var standardize = false

    @Option(help: "Seed of initial weights, split, order and dropout.")
    var seed = usual.seed

    func validate() throws {
        do { _ = try settings() } catch { throw ValidationError("\(error)") }
    }

    /// - Throws: `RewardError.badSetting`.
    func settings() throws -> TrainingSettings {
        var settings = Self.usual
        settings.steps = steps
        settings.batchSize = batchSize
        settings.perturbedPerBatch = perturbedPerBatch
        settings.accumulation = accumulation
        settings.learningRate = learningRate
        settings.warmUpSteps = warmUpSteps
        settings.weightDecay = weightDecay
        settings.dropout = dropout
        settings.validationShare = validationShare
        settings.standardizesEmbeddings = standardize
        settings.seed = seed
        try settings.validate()
        return settings
    }
}

/// How further generator outputs become examples.
struct BootstrapOptions: ParsableArguments {
    private static var usual: RankBootstrap { RankBootstrap() }

    @Option(
        name: .customLong("bootstrap"), parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Further outputs of the generator. A first head ranks them, the best become positives of \
            the next and the worst negatives.
            """, valueName: "candidates"))
    var candidates: [String] = []

    @Option(help: "How many of the best become positives.")
    var top = usual.top

    @Option(help: "How many of the worst become negatives.")
    var bottom = usual.bottom

    @Option(help: "The positive of rank r has the label exp(-alpha · (r - 1)).")
    var alpha = usual.alpha

    @Option(help: "How often candidates are ranked and a head is trained on what follows.")
    var iterations = usual.iterations

    func validate() throws {
        do { _ = try bootstrap() } catch { throw ValidationError("\(error)") }
    }

    /// Nil if there is nothing to bootstrap from.
    ///
    /// - Throws: `RewardError.badSetting`.
    func bootstrap() throws -> RankBootstrap? {
        guard !candidates.isEmpty else { return nil }
        var bootstrap = Self.usual
        bootstrap.top = top
        bootstrap.bottom = bottom
        bootstrap.alpha = alpha
        bootstrap.iterations = iterations
        try bootstrap.validate()
        return bootstrap
    }
}
