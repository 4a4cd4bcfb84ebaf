import Foundation
import Reward
import Statistics
import Testing
import TestModels
import TestSupport
import Training

@Suite struct HeadTrainingTests {
    private func settings(steps: Int = 60) -> TrainingSettings {
        var settings = TrainingSettings()
        settings.steps = steps
        settings.warmUpSteps = 10
        settings.learningRate = 1e-3
        return settings
    }

    private func grouped(count: Int = 120, distance: Float = 0.4) -> [Example] {
        var data = examples(count: count, width: 16, distance: distance)
        for i in data.indices {
            data[i].group = "source \(i * i % 23)"
            data[i].name = "\(i)"
        }
        return data
    }

    /// Thrown to stop a training before its end.
    private struct Interrupted: Error {}

    @Test func `folds hold out every sample once and never divide a group`() throws {
        var settings = settings()
        settings.folds = 5
        let data = grouped()
        let training = try HeadTraining(settings: settings, examples: data)
        let heldOut = training.parts.flatMap { $0.validation.compactMap(\.name) }
        #expect(heldOut.sorted() == data.compactMap(\.name).sorted())
        for part in training.parts {
            let groups = Set(part.validation.map(\.group))
            #expect(groups.isDisjoint(with: part.training.map(\.group)))
            #expect(part.training.count + part.validation.count == data.count)
            // 24 of 120 on average; 23 groups cannot be distributed evenly.
            #expect((8...40).contains(part.validation.count))
        }
    }

    /// Each fold's head equals that of a separate training without the fold, and is evaluated only
    /// on held-out samples.
    @Test func `k folds give an ensemble of k heads and metrics on held-out samples`() throws {
        var settings = settings()
        settings.folds = 3
        let training = try HeadTraining(settings: settings, examples: grouped())
        let result = try training.run()
        #expect(result.ensemble.members.count == 3)
        var logits: [Double] = []
        var labels: [Double] = []
        for (part, member) in zip(training.parts, result.ensemble.members) {
            var trainer = try HeadTrainer(
                settings: settings, training: part.training, validation: part.validation)
            let alone = try trainer.run().ensemble
            #expect(alone.parameters == HeadEnsemble(member).parameters)
            logits += alone.logits(of: part.validation)
            labels += part.validation.map(\.label)
        }
        let metrics = result.metrics
        #expect(metrics.validation == Evaluation(logits: logits, labels: labels))
        #expect(metrics.folds?.count == 3)
        let auc = try #require(metrics.validation?.auc)
        let interval = try #require(metrics.intervals?.auc)
        #expect(interval.low < auc && auc < interval.high)
    }

    @Test(arguments: TrainingStrategy.allCases)
    func `an interrupted training resumes bit-exactly`(strategy: TrainingStrategy) throws {
        let folder = try TemporaryFolder()
        var settings = settings()
        settings.strategy = strategy
        settings.checkpoints = 3
        settings.checkpointInterval = 15
        settings.folds = 2
        var data = grouped()
        for i in stride(from: 1, to: data.count, by: 5) {
            data[i].isDegraded = true
            data[i].original = "\(i - 1)"
            data[i].group = data[i - 1].group
        }
        settings.pairWeight = 0.2
        if strategy == .bootstrap {
            settings.patience = 3
            settings.evaluationInterval = 10
        }
        var bootstrap = RankBootstrap()
        bootstrap.top = 5
        bootstrap.bottom = 5
        let training = try HeadTraining(
            settings: settings, examples: data,
            bootstrap: strategy == .naive ? nil : bootstrap,
            candidates: strategy == .naive
                ? [] : examples(count: 30, width: 16, distance: 0.5, seed: 3))
        let whole = try training.run()

        let checkpoints = CheckpointFolder(path: folder.path("run"))
        var steps = 0
        var interruptionCount = 0
        while true {
            do {
                let result = try training.run(checkpoints: checkpoints) { _, event in
                    guard case .step = event else { return }
                    steps += 1
                    if steps.isMultiple(of: 37) { throw Interrupted() }
                }
                #expect(result.ensemble.parameters == whole.ensemble.parameters)
                #expect(result.metrics == whole.metrics)
                for (ours, theirs) in zip(result.rounds.joined(), whole.rounds.joined()) {
                    #expect(ours.outcome.lossCurve == theirs.outcome.lossCurve)
                    #expect(ours.pseudoLabels == theirs.pseudoLabels)
                }
                break
            } catch is Interrupted {
                interruptionCount += 1
            }
        }
        #expect(interruptionCount > 2)
        // No step was repeated.
        #expect(steps == whole.rounds.joined().reduce(0) { $0 + $1.outcome.lossCurve.count })
        try checkpoints.remove()
        #expect(!FileManager.default.fileExists(atPath: checkpoints.path))
    }

    @Test func `a checkpoint of another training is not resumed`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("checkpoint.safetensors")
        let data = grouped()
        var first = try HeadTrainer(settings: settings(), training: data, validation: [])
        try first.step()
        try first.writeCheckpoint(to: path)
        var other = settings()
        other.learningRate = 2e-3
        var others: [(TrainingSettings, [Example])] = [(other, data)]
        var changed = data
        changed[7].embedding[3] += 1
        others.append((settings(), changed))
        changed = data
        changed[7].label = 0.5
        others.append((settings(), changed))
        for (settings, examples) in others {
            var trainer = try HeadTrainer(settings: settings, training: examples, validation: [])
            let isResumed = trainer.resume(from: path)
            #expect(!isResumed)
            let count = trainer.stepCount
            #expect(count == 0)
        }
        var same = try HeadTrainer(settings: settings(), training: data, validation: [])
        let isResumed = same.resume(from: path)
        let count = same.stepCount
        #expect(isResumed && count == 1)
        // Truncated, as on a full disk.
        try Data(contentsOf: URL(fileURLWithPath: path)).dropLast(100)
            .write(to: URL(fileURLWithPath: path))
        var again = try HeadTrainer(settings: settings(), training: data, validation: [])
        let isResumedFromTruncated = again.resume(from: path)
        let isResumedFromMissing = again.resume(from: folder.path("nothing"))
        #expect(!isResumedFromTruncated && !isResumedFromMissing)
    }

    /// Both classes have the same distribution, so that a longer training only overfits.
    @Test func `early stopping keeps the head with the lowest validation loss`() throws {
        var settings = settings(steps: 2000)
        settings.patience = 4
        settings.evaluationInterval = 10
        let result = try HeadTraining(settings: settings, examples: grouped(distance: 0)).run()
        let outcome = result.rounds[0][0].outcome
        let losses = outcome.validationCurve.map(\.evaluation.loss)
        let least = try #require(losses.min())
        let best = try #require(losses.firstIndex(of: least))
        #expect(losses.count == best + 1 + 4)
        #expect(outcome.metrics.steps == 10 * losses.count && outcome.metrics.steps < 2000)
        #expect(outcome.metrics.validation?.loss == least)
    }

    @Test
    func `separate validation samples must not share a group with the training samples`()
        throws
    {
        let data = grouped()
        let validation = examples(count: 20, width: 16, distance: 0.4, seed: 8)
        let training = try HeadTraining(
            settings: settings(), examples: data, validation: validation)
        #expect(training.parts[0].training == data)
        #expect(training.parts[0].validation == validation)
        var overlapping = validation
        overlapping[3].group = data[10].group
        #expect(throws: RewardError.self) {
            try HeadTraining(settings: settings(), examples: data, validation: overlapping)
        }
    }

    @Test func `settings that contradict each other are refused`() throws {
        func refused(_ change: (inout TrainingSettings) -> Void) -> Bool {
            var settings = settings()
            change(&settings)
            return (try? settings.validate()) == nil
        }
        #expect(refused { $0.folds = 1 })
        #expect(refused { $0.strategy = .average })
        #expect(
            refused {
                $0.strategy = .voting
                $0.checkpointInterval = 5
                $0.patience = 2
            })
        #expect(
            !refused {
                $0.strategy = .voting
                $0.checkpointInterval = 5
            })
        var naive = settings()
        naive.strategy = .naive
        #expect(throws: RewardError.self) {
            try HeadTraining(
                settings: naive, examples: grouped(), bootstrap: RankBootstrap(),
                candidates: grouped())
        }
    }

    @Test func `the original of a pair must be a training example`() throws {
        var settings = settings()
        settings.pairWeight = 1
        var data = grouped()
        data[5].isDegraded = true
        data[5].original = "elsewhere"
        let error = #expect(throws: RewardError.self) {
            _ = try HeadTrainer(settings: settings, training: data, validation: [])
        }
        #expect(
            error?.description == """
                cannot train: pairs are to be learnt, but the original of example 5 ('elsewhere') is \
                not among those trained on
                """)
    }

    @Test func `degraded examples are used for training but not for metrics`() throws {
        var samples = examples(count: 60, width: 8, distance: 1)
        for i in samples.indices { samples[i].group = "\(i / 3)" }
        for i in stride(from: 0, to: 60, by: 3) {
            samples[i].isDegraded = true
            samples[i].label = 0.3
        }
        var settings = TrainingSettings()
        settings.steps = 20
        let trainer = try HeadTraining(settings: settings, examples: samples)
        let part = trainer.parts[0]
        #expect(part.validation.allSatisfy { !$0.isDegraded })
        let result = try trainer.run()
        let metrics = result.metrics
        #expect(metrics.training.count == metrics.proxyCount + metrics.generatedCount)
        #expect(metrics.degradedCount == part.training.count { $0.isDegraded })
        #expect((result.validation.reference?.generated.count ?? 0) > 0)
        // Groups are held out as a whole, with their degraded copies.
        let heldOut = Set(part.validation.map(\.group))
        #expect(part.training.allSatisfy { !heldOut.contains($0.group) })
    }
}
