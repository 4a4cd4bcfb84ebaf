import Encoders
import Foundation
import GANRM
import JSON
import Preference
import Reward
import Tensors

extension RoundsRun {
    /// Trains the round's head on proxy data against its outputs.
    func trainHead(_ folder: RoundFolder) throws {
        let made = try RoundOutputs(of: folder)
        let outputs = made.embeddings
        var samples = TrainingSamples()
        try samples.append(try EmbeddingSet(path: proxyEmbeddings), as: .proxy)
        let groups = made.candidates.groups
        let further = Set(groups.indices.filter(isBootstrapped).map { groups[$0].name })
        func isFurther(_ row: JSONValue) -> Bool {
            row["group"]?.stringValue.map(further.contains) ?? false
        }
        try samples.append(outputs.filter { !isFurther($0) }, as: .generated)
        try samples.append(outputs.filter(isFurther), as: .candidates)
        if configuration.perturbation.copiesPerSample > 0 {
            for (path, side) in [
                (proxyCopies, TrainingSamples.Side.proxy), (folder.copies, .generated),
            ]
            where FileManager.default.fileExists(atPath: path) {
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
            configuration.showsFailures
            ? try FailureEmbedding.embeddings(
                of: FailurePattern.all, for: samples, by: configuration.encoder, store: store) : []
        let training = try RewardModelTraining(
            samples, settings: settings,
            bootstrap: configuration.bootstraps ? configuration.bootstrap : nil,
            failures: failures.filter(\.pattern.isShown).map(\.embedding),
            damage: configuration.learnsDamage,
            initial: continues
                ? try RewardModel.load(configuration.folder(folder.round - 1).head) : nil)
        let checkpoints = CheckpointFolder(path: folder.training)
        let log = try TrainingLog(path: folder.trainingLog)
        let model = try training.run(checkpoints: checkpoints) { place, event in
            try log.write(place, event)
            if case .step(let step, let loss, _, _) = event {
                report(.trained(step: step, of: settings.steps, loss: loss))
            }
            try checkInterruption()
        }.model
        if let warning = HeadCheck(model, failures).warning { report(.warning(warning)) }
        try model.write(to: folder.head)
        try checkpoints.remove()
    }

    /// Whether the outputs of a prompt are bootstrapped from; such prompts are spread evenly.
    func isBootstrapped(_ prompt: Int) -> Bool {
        guard configuration.bootstraps else { return false }
        let share = configuration.bootstrapShare
        return Int(Double(prompt + 1) * share) > Int(Double(prompt) * share)
    }

    /// Writes all candidates with their ranks, the best of each prompt, and pairs.
    func rank(_ folder: RoundFolder) throws {
        let groups = try ranked(folder)
        for group in groups {
            if let shortfall = group.shortfall { report(.warning(shortfall)) }
        }
        if let notice = groups.exclusionNotice {
            report(.warning("\(Self.name(.rank, of: folder.round)): \(notice)"))
        }
        try writeLines(groups.flatMap { $0.rows() }, to: folder.ranks)
        try writeLines(groups.flatMap { Selection($0).rows() }, to: folder.sft)
        try writeLines(pairs(of: groups).map(\.row), to: folder.pairs)
    }

    /// The round's outputs by its own head.
    func ranked(_ folder: RoundFolder) throws -> [RankedGroup] {
        try RoundOutputs(of: folder).ranked(
            by: RewardModel.load(folder.head), exclusion: configuration.exclusion)
    }

    func pairs(of groups: [RankedGroup]) -> [PreferencePair] {
        var list = PairList(configuration.pairs)
        for group in groups { list.add(group) }
        return list.pairs
    }

    /// Writes the figures of the round's outputs.
    ///
    /// - Parameter isLast: Whether the outputs are those after the last training, which no head was trained
    ///   against.
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
            let begin = try RoundOutputs(of: configuration.folder(0))
            wins.first = RoundFigures.wins(
                Self.logits(byFirst),
                over: Self.logits(begin.ranked(by: first, exclusion: exclusion)))
            wins.newest = RoundFigures.wins(
                Self.logits(byNewest),
                over: Self.logits(begin.ranked(by: newest, exclusion: exclusion)))
        }
        let pairs =
            isLast ? nil : try readText(folder.pairs).split(separator: "\n").count
        let figures = RoundFigures(
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
            winsNewest: wins.newest)
        try writeText("\(figures.json)\n", to: folder.figures)
    }

    /// The Fréchet distance between proxy data and outputs; nil if either is a single sample.
    private func distance(of outputs: EmbeddingSet, in folder: RoundFolder) throws -> Double? {
        let proxy = try EmbeddingSet(path: proxyEmbeddings)
        guard min(proxy.vectors.count, outputs.vectors.count) > 1 else { return nil }
        let distance = try FrechetDistance(
            proxy.contents, outputs.contents, shrinkage: configuration.shrinkage)
        if distance.hasFewSamples && folder.round == 0 && configuration.shrinkage == .none {
            report(
                .warning(
                    """
                    \(proxy.vectors.count) proxy samples and \(outputs.vectors.count) outputs are few for \
                    \(distance.dimension) numbers each: compare the Fréchet distances of rounds with each \
                    other only
                    """))
        }
        return distance.distance
    }

    private func isUnfamiliar(_ score: CandidateScore) -> Bool {
        score.unfamiliar ?? 0 > configuration.exclusion.maxUnfamiliar
    }

    /// The share of all scored candidates.
    private static func share(
        of groups: [RankedGroup], where holds: (CandidateScore) -> Bool
    ) -> Double {
        let scores = groups.flatMap { $0.ranked.map(\.score) + $0.excluded.map(\.score) }
        return Double(scores.count(where: holds)) / Double(max(scores.count, 1))
    }

    private static func logits(_ groups: [RankedGroup]) -> [String: [Double]] {
        Dictionary(
            groups.map { ($0.group.name, $0.ranked.map { $0.score.logit }) },
            uniquingKeysWith: { first, _ in first })
    }

    private static func mean(
        _ groups: [RankedGroup], _ value: (CandidateScore) -> Double
    ) -> Double {
        let values = groups.flatMap { $0.ranked.map { value($0.score) } }
        return values.reduce(0, +) / Double(max(values.count, 1))
    }
}
