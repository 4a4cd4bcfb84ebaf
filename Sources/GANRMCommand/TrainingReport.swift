import Foundation
import GANRM
import Reward

/// Says on standard error how a training goes.
struct TrainingReport {
    private let plan: HeadTraining
    private let isQuiet: Bool

    init(_ plan: HeadTraining, isQuiet: Bool) {
        self.plan = plan
        self.isQuiet = isQuiet
    }

    private var isRewritten: Bool { !isQuiet && Terminal.isInteractive }

    func show(_ place: HeadTraining.Place, _ event: HeadTraining.Event) {
        switch event {
        case .step(let step, let loss, _, _):
            guard isRewritten && step % 50 == 0 else { return }
            let loss = String(format: "%.4f", loss)
            Terminal.show("\(name(place))step \(step)/\(plan.settings.steps)  loss \(loss)")
        case .evaluated(let point):
            say("  \(name(place))step \(point.step): \(point.evaluation)")
        case .resumed(let step):
            say("ganrm: \(name(place))goes on after step \(step)")
        case .ranked(let labels):
            say("ganrm: \(name(place))\(words(labels))")
        case .finished(let outcome):
            let figures = outcome.figures
            let copies = figures.perturbedCount ?? 0
            say(
                "ganrm: \(name(place))trained \(figures.steps) steps on \(figures.proxyCount) proxy and "
                    + "\(figures.generatedCount) generated samples"
                    + (copies > 0 ? " and \(copies) degraded copies" : ""))
            say("  training: \(figures.training)")
            // Of a single training the last word is the same with intervals.
            if plan.parts.count > 1 || plan.bootstrap != nil, let validation = figures.validation {
                say("  held out: \(validation)")
            }
        }
    }

    /// The figures of the whole, where there is more to say than of its parts.
    func show(_ figures: TrainingFigures) {
        guard let validation = figures.validation else { return }
        let what = figures.folds == nil ? "held out" : "held out by all folds"
        say(
            "ganrm: \(what), with 95 % intervals: \(validation.words(intervals: figures.intervals))"
        )
    }

    private func say(_ line: String) {
        if isRewritten { Terminal.clear() }
        if !isQuiet { Terminal.complain(line) }
    }

    /// Which training it is, if there are several.
    private func name(_ place: HeadTraining.Place) -> String {
        (plan.parts.count > 1 ? "fold \(place.fold + 1)  " : "")
            + (plan.bootstrap != nil ? "round \(place.round + 1)  " : "")
    }

    private func words(_ labels: [RankBootstrap.PseudoLabel]) -> String {
        let positives = labels.filter { $0.rank != nil }
        let negatives = labels.filter { $0.rank == nil }
        guard let best = positives.first, let last = positives.last else { return "no labels" }
        var words = String(
            format:
                "bootstrapped %d positives, logits %.3f to %.3f, labels %.3f to %.3f; %d negatives",
            positives.count, best.logit, last.logit, best.label, last.label, negatives.count)
        if let worst = negatives.first, let end = negatives.last {
            words += String(format: ", logits %.3f to %.3f", worst.logit, end.logit)
        }
        return words
    }
}
