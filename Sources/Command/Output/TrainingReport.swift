import Foundation
import Reward
import TextFormats
import Training

/// Reports the progress of a training on standard error.
final class TrainingReport {
    private let plan: HeadTraining
    private let isQuiet: Bool
    private let progress: ProgressLine
    /// The fold and round that the progress line shows.
    private var shown: HeadTraining.FoldRound?

    init(_ plan: HeadTraining, isQuiet: Bool) {
        self.plan = plan
        self.isQuiet = isQuiet
        progress = ProgressLine(unit: .items("step"), isQuiet: isQuiet)
    }

    func show(_ position: HeadTraining.FoldRound, _ event: HeadTraining.Event) {
        switch event {
        case .step(let step, let loss, _, _):
            if shown != position {
                shown = position
                progress.begin(
                    "training \(name(position))".trimmingCharacters(in: .whitespaces),
                    total: plan.settings.steps, done: step)
            }
            progress.set(done: step, note: String(format: "loss %.4f", loss))
        case .evaluated(let point):
            printLine("  \(name(position))step \(point.step): \(point.evaluation)")
        case .resumed(let step):
            printLine("ganrm: \(name(position))goes on after step \(step)")
        case .ranked(let labels):
            printLine("ganrm: \(name(position))\(description(of: labels))")
        case .finished(let outcome):
            let metrics = outcome.metrics
            let copies = metrics.degradedCount ?? 0
            printLine(
                "ganrm: \(name(position))trained \(metrics.steps) steps on \(metrics.proxyCount) proxy and "
                    + "\(metrics.generatedCount) generated samples"
                    + (copies > 0 ? " and \(copies) degraded copies" : ""))
            printLine("  training: \(metrics.training)")
            // For a single training, the final report has the same metrics with intervals.
            if plan.parts.count > 1 || plan.bootstrap != nil, let validation = metrics.validation {
                printLine("  held out: \(validation)")
            }
        }
    }

    /// Reports the held-out metrics of the whole training, with confidence intervals.
    func show(_ metrics: TrainingMetrics) {
        guard let validation = metrics.validation else { return }
        let label = metrics.folds == nil ? "held out" : "held out by all folds"
        printLine(
            "ganrm: \(label), with 95 % intervals: \(validation.summary(intervals: metrics.intervals))"
        )
    }

    func clear() { progress.clear() }

    private func printLine(_ line: String) {
        if !isQuiet { Terminal.printMessage(line) }
    }

    /// The prefix that names the fold and the bootstrap round, if there are several.
    private func name(_ position: HeadTraining.FoldRound) -> String {
        (plan.parts.count > 1 ? "fold \(position.fold + 1)  " : "")
            + (plan.bootstrap != nil ? "round \(position.round + 1)  " : "")
    }

    private func description(of labels: [RankBootstrap.PseudoLabel]) -> String {
        let positives = labels.filter { $0.rank != nil }
        let negatives = labels.filter { $0.rank == nil }
        guard let best = positives.first, let last = positives.last else { return "no labels" }
        var text = String(
            format:
                "bootstrapped %d positives, logits %.3f to %.3f, labels %.3f to %.3f; %d negatives",
            positives.count, best.logit, last.logit, best.label, last.label, negatives.count)
        if let worst = negatives.first, let end = negatives.last {
            text += String(format: ", logits %.3f to %.3f", worst.logit, end.logit)
        }
        return text
    }
}
