import Distances
import Evaluation
import Files
import Foundation
import Pipeline
import Preference
import Reward
import Statistics
import TextFormats
import Training

extension RoundsRun {
    /// Trains the round's head on proxy data against the round's outputs.
    func trainHead(_ folder: RoundFolder) throws {
        let roundOutputs = try RoundOutputs(of: folder)
        let outputs = roundOutputs.embeddings
        var samples = TrainingSamples()
        try samples.append(try EmbeddingSet(path: proxyEmbeddings), as: .proxy)
        let groups = roundOutputs.candidates.groups
        let bootstrapped = Set(
            groups.indices.filter(isBootstrapped).map { ByteString(groups[$0].name) })
        func isCandidate(_ row: JSONValue) -> Bool {
            SampleAnnotations(row: row).group.map { bootstrapped.contains($0) } ?? false
        }
        try samples.append(outputs.filter { !isCandidate($0) }, as: .generated)
        try samples.append(outputs.filter(isCandidate), as: .candidates)
        if configuration.degradedCopies.copiesPerSample > 0 {
            for (path, side) in [
                (proxyCopies, TrainingSamples.Side.proxy), (folder.copies, .generated),
            ]
            where try FileSystem.exists(path, failing: RoundsError.file) {
                try samples.append(EmbeddingSet(path: path), as: side)
            }
        }
        if folder.round == 0 {
            for warning in samples.warnings { report(.warning(warning)) }
        }
        var settings = configuration.head
        settings.seed = configuration.seed &+ UInt64(folder.round)
        let continues = configuration.headContinues && folder.round > 0
        let failures =
            configuration.trainsOnFailures
            ? try FailureEmbedding.embeddings(
                for: samples, by: configuration.encoder, store: store
            ) { done, total in
                try interruption.check()
                report(.encoded(done, of: total))
            } : []
        let training = try RewardModelTraining(
            samples, settings: settings,
            bootstrap: configuration.bootstraps ? configuration.bootstrap : nil,
            failures: failures, trainsDegradationPart: configuration.trainsDegradationPart,
            initial: continues
                ? try RewardModel.load(configuration.folder(folder.round - 1).head) : nil)
        let checkpoints = CheckpointFolder(path: folder.training)
        let trained = try training.run(
            checkpoints: checkpoints, log: TrainingLog(path: folder.trainingLog),
            interruption: interruption
        ) { _, event in
            if case .step(let step, let loss, _, _) = event {
                report(.trained(step: step, of: settings.steps, loss: loss))
            }
        }
        if let warning = trained.check.warning { report(.warning(warning)) }
        try trained.model.write(to: folder.head)
        try checkpoints.remove()
    }

    /// Whether the outputs of a prompt are bootstrap candidates; such prompts are evenly spaced.
    func isBootstrapped(_ prompt: Int) -> Bool {
        guard configuration.bootstraps else { return false }
        let share = configuration.bootstrapShare
        return Int(Double(prompt + 1) * share) > Int(Double(prompt) * share)
    }

    /// Writes all candidates with their ranks, the best of each prompt, and preference pairs.
    func rank(_ folder: RoundFolder) throws {
        let groups = try ranked(folder)
        for group in groups {
            if let failure = group.comparisonFailure { report(.warning(failure)) }
        }
        if let notice = groups.exclusionNotice {
            report(.warning("\(Self.name(.rank, of: folder.round)): \(notice)"))
        }
        try writeLines(groups.flatMap { $0.rows() }, to: folder.ranks)
        try writeLines(groups.flatMap { Selection($0).rows() }, to: folder.sft)
        try writeLines(pairs(of: groups).map(\.row), to: folder.pairs)
    }

    /// The round's outputs, ranked by the round's head.
    func ranked(_ folder: RoundFolder) throws -> [RankedGroup] {
        try RoundOutputs(of: folder).ranked(
            by: RewardModel.load(folder.head), exclusion: configuration.exclusion)
    }

    func pairs(of groups: [RankedGroup]) -> [PreferencePair] {
        PairList(configuration.pairs, of: groups).pairs
    }

    /// Computes the metrics of the round's outputs and writes them.
    ///
    /// - Parameter isLast: Whether this is the final evaluation, against whose outputs no head was
    ///   trained.
    func evaluate(_ folder: RoundFolder, isLast: Bool) throws {
        let first = try RewardModel.load(configuration.folder(0).head)
        let newest = try RewardModel.load(
            isLast ? configuration.folder(folder.round - 1).head : folder.head)
        let outputs = try RoundOutputs(of: folder)
        let exclusion = configuration.exclusion
        let byFirst = outputs.ranked(by: first, exclusion: exclusion)
        let byNewest = outputs.ranked(by: newest, exclusion: exclusion)
        var wins: (first: Double?, newest: Double?)
        if folder.round > 0 {
            let initial = try RoundOutputs(of: configuration.folder(0))
            wins.first = RoundMetrics.wins(
                Self.logits(byFirst),
                over: Self.logits(initial.ranked(by: first, exclusion: exclusion)))
            wins.newest = RoundMetrics.wins(
                Self.logits(byNewest),
                over: Self.logits(initial.ranked(by: newest, exclusion: exclusion)))
        }
        let pairs =
            isLast ? nil : try readText(folder.pairs).split(separator: "\n").count
        let metrics = RoundMetrics(
            round: folder.round, prompts: prompts.count,
            candidates: outputs.embeddings.vectors.count,
            failed: byFirst.reduce(0) { $0 + $1.failed.count },
            degenerate: Self.share(of: byFirst) { $0.degeneracy != nil },
            unfamiliarFirst: Self.share(of: byFirst, where: isUnfamiliar),
            unfamiliarNewest: Self.share(of: byNewest, where: isUnfamiliar), pairs: pairs,
            frechet: try distance(of: outputs.embeddings, in: folder),
            scoreFirst: Self.mean(byFirst) { $0.value },
            logitFirst: Self.mean(byFirst) { $0.logit },
            scoreNewest: Self.mean(byNewest) { $0.value },
            logitNewest: Self.mean(byNewest) { $0.logit }, winsFirst: wins.first,
            winsNewest: wins.newest, measured: try measure(outputs.candidates, in: folder))
        try writeText("\(metrics.json)\n", to: folder.metrics)
    }

    /// The Fréchet distance between proxy data and outputs; nil if either has fewer than two samples.
    private func distance(of outputs: EmbeddingSet, in folder: RoundFolder) throws -> Double? {
        let proxy = try EmbeddingSet(path: proxyEmbeddings)
        guard min(proxy.vectors.count, outputs.vectors.count) > 1 else { return nil }
        let shrinkage = configuration.shrinkage
        let distance = try FrechetDistance(
            NormalFit(proxy.contents, shrinkage: shrinkage),
            NormalFit(outputs.contents, shrinkage: shrinkage))
        if distance.hasFewSamples && folder.round == 0 && shrinkage == .none {
            report(
                .warning(
                    """
                    \(proxy.vectors.count) proxy samples and \(outputs.vectors.count) outputs are few for \
                    \(distance.dimension) values each: compare the Fréchet distances of rounds with each \
                    other only
                    """))
        }
        return distance.distance
    }

    private func isUnfamiliar(_ score: CandidateScore) -> Bool {
        score.unfamiliar ?? 0 > configuration.exclusion.maxUnfamiliar
    }

    /// Share of the scored candidates, excluded ones included, that satisfy a predicate.
    private static func share(
        of groups: [RankedGroup], where predicate: (CandidateScore) -> Bool
    ) -> Double {
        let scores = groups.flatMap { $0.ranked.map(\.score) + $0.excluded.map(\.score) }
        return Double(scores.count(where: predicate)) / Double(max(scores.count, 1))
    }

    private static func logits(_ groups: [RankedGroup]) -> [ByteString: [Double]] {
        Dictionary(
            groups.map { (ByteString($0.group.name), $0.ranked.map { $0.score.logit }) },
            uniquingKeysWith: { first, _ in first })
    }

    private static func mean(
        _ groups: [RankedGroup], _ value: (CandidateScore) -> Double
    ) -> Double {
        groups.flatMap { $0.ranked.map { value($0.score) } }.mean
    }
}
