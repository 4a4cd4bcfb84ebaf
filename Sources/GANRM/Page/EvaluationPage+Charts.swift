import Reward

extension EvaluationPage {
    /// The charts that there are data for.
    var charts: String {
        var figures: [String] = []
        if let labelled = report.labelled {
            if let roc = labelled.roc { figures.append(chart(of: roc, auc: labelled.auc)) }
            figures += [histogram(of: labelled), reliability(of: labelled)]
        }
        if let pairs = report.pairs { figures.append(scatter(of: pairs)) }
        if let ratings = report.ratings { figures.append(scatter(of: ratings)) }
        guard !figures.isEmpty else { return "" }
        return """
            <h2>Charts</h2>
            <div class="charts">
            \(figures.joined(separator: "\n"))
            </div>
            """
    }

    private func figure(_ title: String, _ svg: String, caption: String) -> String {
        "<figure><h3>\(title)</h3>\(svg)<figcaption>\(caption)</figcaption></figure>"
    }

    private func chart(of roc: ROCCurve, auc: Figure) -> String {
        var chart = Chart(
            x: .init(0, 1, label: "generated samples called proxy"),
            y: .init(0, 1, label: "proxy samples called proxy"))
        chart.addDiagonal()
        chart.addLine(
            roc.points.map { ($0.falsePositiveRate, $0.truePositiveRate) }, style: "curve")
        let words =
            "AUC \(EvaluationReport.text(auc.value)) (\(EvaluationReport.text(auc.interval)))"
        return figure("ROC", chart.svg(summary: "ROC curve, \(words)"), caption: words)
    }

    private func histogram(of labelled: LabelledFigures) -> String {
        let logits = labelled.samples.map(\.scored.logit)
        let x = Chart.Axis(covering: logits, label: "logit")
        let classes = [("proxy", true), ("generated", false)].map { style, isProxy in
            let own = labelled.samples.filter { $0.isProxy == isProxy }
            return (
                style: style, histogram: Histogram(of: own.map(\.scored.logit), on: x),
                scale: own.isEmpty ? 0 : 1 / Double(own.count)
            )
        }
        let highest =
            classes.map { Double($0.histogram.counts.max() ?? 0) * $0.scale }.max() ?? 1
        var chart = Chart(x: x, y: .init(0, highest * 1.05, label: "share of the class"))
        for (style, histogram, scale) in classes {
            histogram.draw(in: &chart, scale: scale, style: style)
        }
        return figure(
            "Logits", chart.svg(summary: "Histogram of logits by class"),
            caption: Self.key("proxy", "proxy") + Self.key("generated", "generated"))
    }

    private func reliability(of labelled: LabelledFigures) -> String {
        var chart = Chart(
            x: .init(0, 1, label: "probability of being proxy"),
            y: .init(0, 1, label: "share that is proxy"))
        chart.addDiagonal()
        func add(_ calibration: Calibration, line: String, dots: String) {
            let bins = calibration.bins.compactMap(\.self)
            let points = bins.map { (x: $0.meanProbability, y: $0.proxyShare) }
            let most = Double(bins.map(\.count).max() ?? 1)
            chart.addLine(points, style: line)
            chart.addDots(
                points, radius: { 1.5 + 5 * (Double(bins[$0].count) / most).squareRoot() },
                style: dots)
        }
        var caption = Self.key("generated", "score")
        add(labelled.score.calibration, line: "curve second", dots: "generated")
        if let probability = labelled.probability {
            add(probability.calibration, line: "curve", dots: "proxy")
            caption += Self.key("proxy", "calibrated probability")
        }
        return figure(
            "Reliability", chart.svg(summary: "Reliability curve"),
            caption: caption + "; larger dots hold more samples")
    }

    private func scatter(of figures: PairFigures) -> String {
        let logits = figures.pairs.flatMap { [$0.winner.logit, $0.loser.logit] }
        let range = Chart.Axis(covering: logits, label: "")
        var chart = Chart(
            x: .init(range.low, range.high, label: "logit of the loser"),
            y: .init(range.low, range.high, label: "logit of the winner"))
        chart.addDiagonal()
        chart.addDots(
            figures.pairs.map { ($0.loser.logit, $0.winner.logit) }, style: "proxy")
        let right = EvaluationReport.text(figures.accuracy.value)
        return figure(
            "Pairs", chart.svg(summary: "Winners against losers, \(right) in the right order"),
            caption: "above the line the winner has the higher logit")
    }

    private func scatter(of figures: RatingFigures) -> String {
        let logits = figures.samples.map(\.scored.logit)
        let ratings = figures.samples.map(\.rating)
        var chart = Chart(
            x: .init(covering: ratings, label: "rating"),
            y: .init(covering: logits, label: "logit"))
        chart.addDots(zip(ratings, logits).map { (x: $0, y: $1) }, style: "proxy")
        let words = "Spearman \(EvaluationReport.text(figures.spearman.value))"
        return figure(
            "Ratings", chart.svg(summary: "Logits against ratings, \(words)"), caption: words)
    }

    private static func key(_ style: String, _ name: String) -> String {
        "<span class=\"key \(style)\"></span>\(name)"
    }
}
