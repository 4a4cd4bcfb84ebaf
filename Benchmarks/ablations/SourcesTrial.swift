import Dispatch
import Pipeline
import Reward
import Statistics
import Synchronization
import Training

/// The effect of more data: the default head without a damage part, trained on a share of the
/// repositories and validated on others.
struct SourcesTrial {
    /// Shares of the repositories outside a fold to train on.
    private static let shares = [0.125, 0.25, 0.5, 1]
    private static let seeds: Range<UInt64> = 0..<3

    private let clips: [(group: String, isProxy: Bool, vector: [Float])]
    /// Mean logits over the seeds, `[shares][clips]`.
    private let logits: [[Double]]

    init(_ data: PartsData) {
        let clips = data.clips
        self.clips = clips
        let width = data.proxy.contentWidth
        let examples = clips.map { clip in
            Example(
                embedding: Array(clip.vector.prefix(width)), label: clip.isProxy ? 1 : 0,
                group: clip.group)
        }
        let groups = clips.map(\.group)
        let isOfProxy = Dictionary(
            zip(groups, clips.map(\.isProxy)), uniquingKeysWith: { a, _ in a })
        let jobs = Self.seeds.flatMap { seed in
            (0..<Trial.folds).flatMap { fold in Self.shares.indices.map { (seed, fold, $0) } }
        }
        let found = Mutex(Self.shares.map { _ in clips.map { _ in 0.0 } })
        DispatchQueue.concurrentPerform(iterations: jobs.count) { job in
            let (seed, fold, share) = jobs[job]
            // Sampled per side, as a prefix of a seeded order, so that larger shares contain
            // smaller ones.
            var held: Set<String> = []
            var shown: Set<String> = []
            for isProxy in [true, false] {
                var order = Set(groups).filter { isOfProxy[$0] == isProxy }.sorted()
                var generator = RandomGenerator(seed: seed, stream: 79)
                generator.shuffle(&order)
                held.formUnion(
                    order.enumerated().filter { $0.offset % Trial.folds == fold }.map(\.element))
                let rest = order.filter { !held.contains($0) }
                shown.formUnion(
                    rest.prefix(max(2, Int(Double(rest.count) * Self.shares[share] + 0.5))))
            }
            var settings = TrainingSettings.linear
            settings.validationShare = 0
            settings.seed = seed
            do {
                let ensemble = try HeadTraining(
                    settings: settings,
                    examples: examples.filter { shown.contains($0.group ?? "") }
                ).run().ensemble
                let judged = clips.indices.filter { held.contains(groups[$0]) }
                let logits = ensemble.logits(of: judged.map { examples[$0] })
                found.withLock { found in
                    for (index, logit) in zip(judged, logits) {
                        found[share][index] += logit / Double(Self.seeds.count)
                    }
                }
            } catch { fatalError("\(error)") }
        }
        logits = found.withLock(\.self)
    }

    func markdown() -> String {
        let count = Double(Set(clips.map(\.group)).count * (Trial.folds - 1)) / Double(Trial.folds)
        var lines = ["| repositories in training | AUC |", "| --- | --- |"]
        for (share, logits) in zip(Self.shares, logits) {
            let estimate = TrialMetrics.auc(of: logits, clips)
            lines.append("| \(Int((count * share).rounded())) | \(estimate) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
