import Dispatch
import GANRM
import JSON
import Reward
import Synchronization

/// What more data brings: the default head's heads, without a damage part, trained on clips of some of the repositories
/// and tried on those of others.
struct SourcesTrial {
    /// How many of the repositories outside a fold are trained on.
    private static let shares = [0.125, 0.25, 0.5, 1]
    private static let seeds: Range<UInt64> = 0..<3

    private let clips: [(row: JSONValue, vector: [Float], isProxy: Bool)]
    /// The mean logit of each clip over the seeds, by the share.
    private let logits: [[Double]]

    init(_ data: PartsData) {
        clips = [(data.proxy.originals, true), (data.generated.originals, false)].flatMap {
            set, isProxy in
            zip(set.inputs, set.contents).map { ($0, $1, isProxy) }
        }
        let clips = clips
        let groups = clips.map { $0.row["group"]?.stringValue ?? "" }
        let isOfProxy = Dictionary(
            zip(groups, clips.map(\.isProxy)), uniquingKeysWith: { a, _ in a })
        let jobs = Self.seeds.flatMap { seed in
            (0..<Trial.folds).flatMap { fold in Self.shares.indices.map { (seed, fold, $0) } }
        }
        let found = Mutex(Self.shares.map { _ in clips.map { _ in 0.0 } })
        DispatchQueue.concurrentPerform(iterations: jobs.count) { job in
            let (seed, fold, share) = jobs[job]
            // Both sides keep their parts: the first ones of each side's order, so that more hold fewer.
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
            var settings = PartsData.settings
            settings.seed = seed
            let examples = clips.indices.filter { shown.contains(groups[$0]) }.map { index in
                Example(
                    embedding: clips[index].vector, label: clips[index].isProxy ? 1 : 0,
                    group: groups[index])
            }
            do {
                let ensemble = try HeadTraining(settings: settings, examples: examples).run()
                    .ensemble
                let judged = clips.indices.filter { held.contains(groups[$0]) }
                let logits = ensemble.logits(
                    of: judged.map { Example(embedding: clips[$0].vector, label: 0) })
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
        let groups = clips.map { $0.row["group"]?.stringValue ?? "" }
        let resampling = GroupBootstrap(groups: groups)
        let count = Double(Set(groups).count * (Trial.folds - 1)) / Double(Trial.folds)
        var lines = ["| repositories trained on | AUC |", "| --- | --- |"]
        for (share, logits) in zip(Self.shares, logits) {
            func auc(_ indices: [Int]) -> Double? {
                Evaluation(
                    logits: indices.map { logits[$0] },
                    labels: indices.map { clips[$0].isProxy ? 1 : 0 }
                ).auc
            }
            let all = Array(clips.indices)
            let figure = Figures.text(auc(all) ?? .nan, resampling.interval(of: auc))
            lines.append("| \(Int((count * share).rounded())) | \(figure) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
