import ArgumentParser
import Reward

/// Options for training a head; the defaults are those of `TrainingSettings`.
struct TrainingOptions: ParsableArguments {
    private static var defaults: TrainingSettings { TrainingSettings() }

    @Option(help: "Optimiser steps.")
    var steps = defaults.steps

    @Option(help: "Samples per forward pass, half of them proxy.")
    var batchSize = defaults.batchSize

    @Option(help: "Degraded copies that join each forward pass, if there are any.")
    var perturbedPerBatch = defaults.degradedPerBatch

    @Option(
        help: """
            Weight of the loss that ranks a degraded copy below its original (key of); above 0 it \
            replaces the label of the copy.
            """)
    var pairWeight = defaults.pairWeight

    @Option(help: "Forward passes per optimiser step.")
    var accumulation = defaults.accumulation

    @Option(help: "Learning rate of AdamW after the warm-up.")
    var learningRate = defaults.learningRate

    @Option(help: "Steps over which the learning rate rises.")
    var warmUpSteps = defaults.warmUpSteps

    @Option(help: "Decoupled weight decay of AdamW.")
    var weightDecay = defaults.weightDecay

    @Option(help: "Dropout rate of the hidden layers.")
    var dropout = defaults.dropout

    @Option(
        help: """
            Layers of the head: rpl (the paper's), linear (only the last layer), no_norm or \
            no_residual.
            """)
    var architecture = defaults.architecture

    @Option(
        help: """
            Which head is written: the last one (naive, without --bootstrap; bootstrap), the average \
            of checkpoints (average) or an ensemble of them (voting).
            """)
    var strategy = defaults.strategy

    @Option(help: "How many of the last checkpoints average and voting combine.")
    var checkpoints = defaults.checkpoints

    @Option(help: "Steps between checkpoints.")
    var checkpointInterval = defaults.checkpointInterval

    @Option(
        help: """
            Train this many heads, each without one part of the groups, as one ensemble that is \
            evaluated on all samples (0: one head, by --validation-share).
            """)
    var folds = defaults.folds

    @Option(help: "Share of each class that is held out, by group.")
    var validationShare = defaults.validationShare

    @Option(
        help: """
            Stop after this many evaluations in a row that do not lower the held-out log loss, and \
            keep the head with the lowest (0: never).
            """)
    var patience = defaults.patience

    @Option(help: "Steps between evaluations.")
    var evaluationInterval = defaults.evaluationInterval

    @Flag(
        help: """
            Train on embeddings of mean 0 and standard deviation 1; folded into the head afterwards.
            """)
    var standardize = false

    @Option(help: "Seed of initial weights, split, order and dropout.")
    var seed = defaults.seed

    func validate() throws {
        do { _ = try settings() } catch { throw ValidationError("\(error)") }
    }

    /// The validated settings.
    ///
    /// - Throws: `RewardError.badSetting`.
    func settings() throws -> TrainingSettings {
        var settings = Self.defaults
        settings.steps = steps
        settings.batchSize = batchSize
        settings.degradedPerBatch = perturbedPerBatch
        settings.pairWeight = pairWeight
        settings.accumulation = accumulation
        settings.learningRate = learningRate
        settings.warmUpSteps = warmUpSteps
        settings.weightDecay = weightDecay
        settings.dropout = dropout
        settings.architecture = architecture
        settings.strategy = strategy
        settings.checkpoints = checkpoints
        settings.checkpointInterval = checkpointInterval
        settings.folds = folds
        settings.validationShare = validationShare
        settings.patience = patience
        settings.evaluationInterval = evaluationInterval
        settings.standardizesEmbeddings = standardize
        settings.seed = seed
        try settings.validate()
        return settings
    }
}
