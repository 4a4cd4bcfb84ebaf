import Dispatch
import Media
import Reward
import Statistics
import Synchronization

/// Cross-validation of the default head's recipe: 5 folds by repository, with kinds of degradation
/// included in the training of the damage part or held out from it.
///
/// A copy is compared with its original after the same encoding.
struct PartsTrial {
    /// The scores of a held-out sample.
    private struct Answer {
        var logit: Double
        var realism: Double
    }

    private let copies: [PartsData.Copy]
    /// The logit of each copy's original minus the copy's, `[copies]`, by the kind that was held
    /// out, nil for none; NaN for copies that were not scored.
    private let margins: [Degradation.Kind?: [Double]]
    /// Whether realism alone ranks the original above the copy, `[copies]`, with no kind held out.
    private let realismRight: [Bool]
    private let clips: [(group: String, isProxy: Bool, vector: [Float])]
    /// Scores of the clips, `[clips]`, with no kind held out.
    private let answers: [Answer]

    /// Runs one training per fold and held-out kind.
    init(_ data: PartsData) {
        let (copies, coded, clips) = (data.copies, data.coded, data.clips)
        let frames = Degradation.Kind.spatial
        let motion = Degradation.Kind.temporal
        // Holds out one kind of frames and one of motion together, to save trainings: they are
        // nearly independent.
        let rounds: [[Degradation.Kind]] =
            [[]]
            + frames.enumerated().map { index, kind in
                index < motion.count ? [kind, motion[index]] : [kind]
            }
        var generator = RandomGenerator(seed: 0, stream: 78)
        var order = Set(clips.map(\.group)).sorted()
        generator.shuffle(&order)
        let folds = Dictionary(
            uniqueKeysWithValues: order.enumerated().map { ($1, $0 % Trial.folds) })
        let jobs = rounds.flatMap { kept in (0..<Trial.folds).map { (kept, $0) } }
        let empty = copies.map { _ in Double.nan }
        struct Found {
            var margins: [Degradation.Kind?: [Double]] = [:]
            var realismRight: [Bool]
            var answers: [Answer]
        }
        let found = Mutex(
            Found(
                realismRight: copies.map { _ in false },
                answers: clips.map { _ in Answer(logit: .nan, realism: .nan) }))
        DispatchQueue.concurrentPerform(iterations: jobs.count) { job in
            let (kept, fold) = jobs[job]
            do {
                let model = try data.train { row in
                    folds[PartsData.group(of: row)] != fold
                        && !(PartsData.kind(of: row).map(kept.contains) ?? false)
                }
                let held = copies.indices.filter {
                    folds[copies[$0].group] == fold
                        && (kept.isEmpty || kept.contains(copies[$0].kind))
                }
                let names = Set(held.map { copies[$0].original }).filter { coded[$0] != nil }
                let originals = Dictionary(
                    uniqueKeysWithValues: names.map { ($0, Self.answer(model, coded[$0] ?? [])) })
                for index in held {
                    let copy = copies[index]
                    guard let original = originals[copy.original] else { continue }
                    let answer = Self.answer(model, copy.vector)
                    found.withLock { found in
                        let key = kept.isEmpty ? nil : Optional(copy.kind)
                        found.margins[key, default: empty][index] = original.logit - answer.logit
                        if kept.isEmpty {
                            found.realismRight[index] = original.realism > answer.realism
                        }
                    }
                }
                guard kept.isEmpty else { return }
                for (index, clip) in clips.enumerated() where folds[clip.group] == fold {
                    let answer = Self.answer(model, clip.vector)
                    found.withLock { $0.answers[index] = answer }
                }
            } catch { fatalError("\(error)") }
        }
        self.copies = copies
        self.clips = clips
        (margins, realismRight, answers) = found.withLock {
            ($0.margins, $0.realismRight, $0.answers)
        }
    }

    private static func answer(_ model: RewardModel, _ vector: [Float]) -> Answer {
        let score = model.score(of: vector)
        return Answer(logit: score.logit, realism: score.logit + (score.degradationPenalty ?? 0))
    }

    // MARK: Tables

    /// Share of copies that lose to their originals, by kind: with realism alone, with the kind in
    /// the training, and with the kind held out.
    func markdownOfKinds() -> String {
        var lines = [
            "| degradation | realism only | in training | held out |", "| --- | --- | --- | --- |",
        ]
        for (name, kinds) in [
            ("frames", Degradation.Kind.spatial), ("motion", Degradation.Kind.temporal),
        ] {
            lines.append(row("\(name), \(kinds.count) kinds", kinds))
            lines += kinds.map { row("`\($0.rawValue)`", [$0]) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// AUC of held-out clips, for each part of the logit.
    func markdownOfParts() -> String {
        func row(_ name: String, _ value: (Answer) -> Double) -> String {
            "| \(name) | \(TrialMetrics.auc(of: answers.map(value), clips)) |"
        }
        return [
            "| logit | AUC |", "| --- | --- |", row("realism") { $0.realism },
            row("realism − damage") { $0.logit }, row("−damage only") { $0.logit - $0.realism },
        ].joined(separator: "\n") + "\n"
    }

    private func row(_ name: String, _ kinds: [Degradation.Kind]) -> String {
        let resampling = GroupBootstrap(groups: copies.map(\.group))
        /// The mean share over the kinds, with its confidence interval.
        func share(
            _ isRight: @escaping (_ copy: Int, _ kind: Degradation.Kind) -> Double?
        ) -> String {
            func mean(_ indices: [Int]) -> Double? {
                let shares = kinds.compactMap { kind -> Double? in
                    let values = indices.filter { copies[$0].kind == kind }
                        .compactMap { isRight($0, kind) }
                    return values.isEmpty ? nil : values.mean
                }
                return shares.isEmpty ? nil : shares.mean
            }
            let value = mean(Array(copies.indices)) ?? .nan
            return TrialMetrics.text(value, resampling.interval(of: mean))
        }
        func right(_ margin: Double?) -> Double? {
            guard let margin, !margin.isNaN else { return nil }
            return margin > 0 ? 1 : margin == 0 ? 0.5 : 0
        }
        let shown = margins[nil] ?? []
        let cells = [
            share { index, _ in shown[index].isNaN ? nil : realismRight[index] ? 1 : 0 },
            share { index, _ in right(shown[index]) },
            share { index, kind in right(margins[kind]?[index]) },
        ]
        return "| \(name) | " + cells.joined(separator: " | ") + " |"
    }
}
