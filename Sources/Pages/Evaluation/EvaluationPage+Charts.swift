import Evaluation
import Pipeline
import Statistics

extension EvaluationPage {
    /// The charts for which the report has data, as HTML.
    var charts: String {
        var metrics: [String] = []
        if let labelled = report.labelled {
            if let roc = labelled.roc { metrics.append(chart(of: roc, auc: labelled.auc)) }
            metrics += [histogram(of: labelled), reliability(of: labelled)]
        }
        if let pairs = report.pairs { metrics.append(scatter(of: pairs)) }
        if let ratings = report.ratings { metrics.append(scatter(of: ratings)) }
        guard !metrics.isEmpty else { return "" }
        return """
            <h2>Charts</h2>
            <div class="charts">
            \(metrics.joined(separator: "\n"))
            </div>
            """
    }

    private func estimate(_ title: String, _ svg: String, caption: String) -> String {
        "<figure><h3>\(title)</h3>\(svg)<figcaption>\(caption)</figcaption></figure>"
    }

    private func chart(of roc: ROCCurve, auc: Estimate) -> String {
        var chart = Chart(
            x: .init(0, 1, label: "generated samples called proxy"),
            y: .init(0, 1, label: "proxy samples called proxy"))
        chart.addDiagonal()
        chart.addLine(
            roc.points.map { ($0.falsePositiveRate, $0.truePositiveRate) }, style: "curve")
        let interval = auc.interval.map { " (\(EvaluationReport.text($0)))" } ?? ""
        let caption = "AUC \(EvaluationReport.text(auc.value))\(interval)"
        return estimate("ROC", chart.svg(summary: "ROC curve, \(caption)"), caption: caption)
    }

    private func histogram(of labelled: ClassificationMetrics) -> String {
        let logits = labelled.samples.map(\.scored.logit)
        let x = Chart.Axis(covering: logits, label: "logit")
        let classes = [("proxy", true), ("generated", false)].map { style, isProxy in
            let samples = labelled.samples.filter { $0.isProxy == isProxy }
            return (
                style: style, histogram: Histogram(of: samples.map(\.scored.logit), on: x),
                scale: samples.isEmpty ? 0 : 1 / Double(samples.count)
            )
        }
        let maximum =
            classes.map { Double($0.histogram.counts.max() ?? 0) * $0.scale }.max() ?? 1
        var chart = Chart(x: x, y: .init(0, maximum * 1.05, label: "share of the class"))
        for (style, histogram, scale) in classes {
            histogram.draw(in: &chart, scale: scale, style: style)
        }
        return estimate(
            "Logits", chart.svg(summary: "Histogram of logits by class"),
            caption: Self.key("proxy", "proxy") + Self.key("generated", "generated"))
    }

    private func reliability(of labelled: ClassificationMetrics) -> String {
        var chart = Chart(
            x: .init(0, 1, label: "probability of being proxy"),
            y: .init(0, 1, label: "share that is proxy"))
        chart.addDiagonal()
        func add(_ calibration: Calibration, line: String, dots: String) {
            let bins = calibration.bins.compactMap(\.self)
            let points = bins.map { (x: $0.meanProbability, y: $0.meanLabel) }
            let maximumCount = Double(bins.map(\.count).max() ?? 1)
            chart.addLine(points, style: line)
            chart.addDots(
                points, radius: { 1.5 + 5 * (Double(bins[$0].count) / maximumCount).squareRoot() },
                style: dots)
        }
        var caption = Self.key("generated", "score")
        add(labelled.score.calibration, line: "curve second", dots: "generated")
        if let probability = labelled.probability {
            add(probability.calibration, line: "curve", dots: "proxy")
            caption += Self.key("proxy", "calibrated probability")
        }
        return estimate(
            "Reliability", chart.svg(summary: "Reliability curve"),
            caption: caption + "; larger dots hold more samples")
    }

    private func scatter(of metrics: PairwiseMetrics) -> String {
        let logits = metrics.pairs.flatMap { [$0.winner.logit, $0.loser.logit] }
        let range = Chart.Axis(covering: logits, label: "")
        var chart = Chart(
            x: .init(range.low, range.high, label: "logit of the loser"),
            y: .init(range.low, range.high, label: "logit of the winner"))
        chart.addDiagonal()
        chart.addDots(
            metrics.pairs.map { ($0.loser.logit, $0.winner.logit) }, style: "proxy")
        let accuracy = EvaluationReport.text(metrics.accuracy.value)
        return estimate(
            "Pairs", chart.svg(summary: "Winners against losers, \(accuracy) in the right order"),
            caption: "above the line the winner has the higher logit")
    }

    private func scatter(of metrics: RatingMetrics) -> String {
        let logits = metrics.samples.map(\.scored.logit)
        let ratings = metrics.samples.map(\.rating)
        var chart = Chart(
            x: .init(covering: ratings, label: "rating"),
            y: .init(covering: logits, label: "logit"))
        chart.addDots(zip(ratings, logits).map { (x: $0, y: $1) }, style: "proxy")
        let caption = "Spearman \(EvaluationReport.text(metrics.spearman.value))"
        return estimate(
            "Ratings", chart.svg(summary: "Logits against ratings, \(caption)"), caption: caption)
    }

    /// An entry of a chart's legend.
    private static func key(_ style: String, _ name: String) -> String {
        "<span class=\"key \(style)\"></span>\(name)"
    }
}
