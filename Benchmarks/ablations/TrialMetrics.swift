import Foundation
import Reward
import Statistics

/// Metrics of trials, with 95 % confidence intervals from a bootstrap over repositories.
struct TrialMetrics {
    private let clips: [Clip]
    private let resampling: GroupBootstrap
    private let ladder: GroupBootstrap

    init(_ data: AblationData) {
        clips = data.clips
        resampling = GroupBootstrap(groups: data.clips.map(\.group))
        ladder = GroupBootstrap(groups: data.ladder.keys.map { _ in nil })
    }

    /// Mean AUC over seeds and folds.
    func auc(_ trial: Trial) -> String {
        let all = Array(clips.indices)
        guard let value = auc(trial, all) else { return "–" }
        return Self.text(value, resampling.interval { auc(trial, $0) })
    }

    /// AUC of the clips' logits, `[clips]`.
    static func auc(
        of logits: [Double], _ clips: [(group: String, isProxy: Bool, vector: [Float])]
    ) -> String {
        func auc(_ indices: [Int]) -> Double? {
            Evaluation(
                logits: indices.map { logits[$0] },
                labels: indices.map { clips[$0].isProxy ? 1 : 0 }
            ).auc
        }
        let value = auc(Array(clips.indices)) ?? .nan
        return text(value, GroupBootstrap(groups: clips.map(\.group)).interval(of: auc))
    }

    /// Difference of the AUC of two trials, on the same resamples.
    func difference(_ trial: Trial, to other: Trial) -> String {
        func difference(_ indices: [Int]) -> Double? {
            guard let a = auc(trial, indices), let b = auc(other, indices) else { return nil }
            return a - b
        }
        guard let value = difference(Array(clips.indices)) else { return "–" }
        return Self.text(value, resampling.interval { difference($0) }, sign: true)
    }

    /// Pairwise accuracy on the ladder, averaged over some kinds of degradation.
    func ladder(_ trial: Trial, _ kinds: [String]) -> String {
        guard let first = trial.ladder[kinds[0]] else { return "–" }
        func mean(_ indices: [Int]) -> Double? {
            kinds.map { kind in indices.map { trial.ladder[kind]?[$0] ?? 0 }.mean }.mean
        }
        guard let value = mean(Array(first.indices)) else { return "–" }
        return Self.text(value, ladder.interval { mean($0) })
    }

    private func auc(_ trial: Trial, _ indices: [Int]) -> Double? {
        var sum = 0.0
        var count = 0.0
        for (logits, folds) in zip(trial.logits, trial.folds) {
            for fold in 0..<Trial.folds {
                let held = indices.filter { folds[$0] == fold }
                guard !held.isEmpty else { continue }
                let evaluation = Evaluation(
                    logits: held.map { logits[$0] }, labels: held.map { clips[$0].isProxy ? 1 : 0 })
                guard let auc = evaluation.auc else { continue }
                sum += auc
                count += 1
            }
        }
        return count > 0 ? sum / count : nil
    }

    static func text(
        _ value: Double, _ interval: ConfidenceInterval?, sign: Bool = false
    ) -> String {
        let format = sign ? "%+.3f" : "%.3f"
        let number = String(format: format, value)
        guard let interval else { return number }
        return number + String(format: " (\(format) to \(format))", interval.low, interval.high)
    }
}
