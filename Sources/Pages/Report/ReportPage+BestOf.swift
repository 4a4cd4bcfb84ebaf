import Foundation
import Metrics
import Statistics
import TextFormats

/// The metrics of the candidates that the reward prefers.
extension ReportPage {
    /// Charts and a table, or why there are none; empty without metrics.
    var bestOfSection: String {
        guard let metrics else { return "" }
        let content: String
        do throws(MetricError) {
            let bestOf = try BestOfK(metrics)
            content = """
                <div class="charts">\(bestOf.lines.map { Self.chart(of: $0) }.joined(separator: "\n"))</div>
                \(Self.notes(bestOf))
                <details><summary>Values</summary>
                \(bestOf.htmlTables.joined(separator: "\n"))
                </details>
                """
        } catch {
            content = Self.list(metrics.omissions.sentences + [error.description])
        }
        return "<details open><summary>Metrics of the best k</summary>\(content)</details>\n"
    }

    /// Best k, worst k and all against k.
    private static func chart(of line: BestOfK.Line) -> String {
        let all = line.all.mean
        let best = line.points.map { (x: Double($0.k), y: $0.best.mean) }
        let worst = line.points.map { (x: Double($0.k), y: $0.worst.mean) }
        // Around the best k, so that the band ends below the line of all where the gain may be none.
        let band = line.points.map { point in
            (
                x: Double(point.k), low: all + (point.gain.interval?.low ?? point.gain.mean),
                high: all + (point.gain.interval?.high ?? point.gain.mean)
            )
        }
        let last = best.last?.x ?? 1
        let values = best.map(\.y) + worst.map(\.y) + band.flatMap { [$0.low, $0.high] } + [all]
        var chart = Chart(
            x: .init(1, last, label: "k", isCount: true),
            y: .init(covering: values, label: "mean \(line.name)"))
        chart.addBand(band, style: "band")
        chart.addLine([(1, all), (last, all)], style: "diagonal")
        chart.addLine(worst, style: "curve second")
        chart.addDots(worst, radius: { _ in 2.5 }, style: "generated")
        chart.addLine(best, style: "curve")
        chart.addDots(best, radius: { _ in 2.5 }, style: "proxy")
        let gain = line.points.first.map { point in
            "gain for k = \(point.k): \(text(point.gain.mean))"
                + (point.gain.interval.map { " (\(text($0.low)) to \(text($0.high)))" } ?? "")
        }
        let correlation = line.spearman.map { "Spearman \(text($0.mean)) within prompts" }
        let facts = [gain, correlation].compactMap(\.self).joined(separator: "; ")
        let ends = [line.points.first, line.points.last].compactMap(\.self).map { point in
            "for k = \(point.k) best \(text(point.best.mean)), worst \(text(point.worst.mean))"
        }
        let svg = chart.svg(
            summary: """
                Mean \(line.name) of the best and worst k candidates: \(ends.joined(separator: ", ")); \
                all \(text(all)); \(facts)
                """)
        return """
            <figure><h3>\(line.name.escapedForHTML)</h3>\(svg)<figcaption>\
            <span class="key proxy"></span>best k<span class="key generated"></span>worst k; dashed: all; \
            band: 95 % interval of the gain<br>\(facts)</figcaption></figure>
            """
    }

    private static func notes(_ bestOf: BestOfK) -> String {
        let scope = """
            Means over \(bestOf.promptCount) prompt\(bestOf.promptCount == 1 ? "" : "s") of the k candidates with the \
            highest and the lowest logits; the gain is best minus all. A reward that picks at random has the dashed line.
            """
        return "<p>\(scope)</p>" + list(bestOf.notices)
    }

    private static func list(_ sentences: [String]) -> String {
        guard !sentences.isEmpty else { return "" }
        let items = sentences.map { "<li>\($0.escapedForHTML)</li>" }
        return "<ul class=\"notes\">\(items.joined(separator: "\n"))</ul>"
    }

    /// Three digits, for values of any scale.
    private static func text(_ value: Double) -> String {
        String(format: "%.3g", value).replacing(scalar: "-", with: "\u{2212}")
    }
}

extension BestOfK {
    fileprivate var htmlTables: [String] {
        [
            TextTable.html(selectionRows, numbers: 1...7),
            TextTable.html(correlationRows, numbers: 1...6),
        ]
    }
}
