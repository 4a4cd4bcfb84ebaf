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

    @Option(
        help: """
            How much it counts that a degraded copy is to score below its original, by the key of; \
            above 0 this takes the place of the copy's label.
            """)
    var pairWeight = usual.pairWeight

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

    @Option(
        help: """
            What a head consists of: rpl (the paper's), linear (the last layer alone), no_norm or \
            no_residual.
            """)
    var architecture = usual.architecture

    @Option(
        help: """
            The head that is written: the last one (naive, without --bootstrap; bootstrap), one of \
            averaged checkpoints (average) or checkpoints that vote (voting).
            """)
    var strategy = usual.strategy

    @Option(help: "Checkpoints that average and voting combine, the last ones.")
    var checkpoints = usual.checkpoints

    @Option(help: "Steps between them.")
    var checkpointInterval = usual.checkpointInterval

    @Option(
        help: """
            Train so many heads, each without one part of the groups, into one ensemble that is \
            judged on all samples (0: one head, by --validation-share).
            """)
    var folds = usual.folds

    @Option(help: "Share of each class that is held out, by group.")
    var validationShare = usual.validationShare

    @Option(
        help: """
            Stop after so many evaluations in a row without a lower log loss on what is held out, \
            and keep the head that had the lowest (0: never).
            """)
    var patience = usual.patience

    @Option(help: "Steps from one such evaluation to the next.")
    var evaluationInterval = usual.evaluationInterval

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
