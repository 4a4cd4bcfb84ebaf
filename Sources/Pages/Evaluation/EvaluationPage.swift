public import Evaluation
import Foundation
public import Media
import Pipeline
import Reward

/// An evaluation as one HTML file: estimates, charts, and galleries of the best, worst and
/// misjudged samples.
///
/// The page loads no resources and runs no script; its Content Security Policy enforces this. The
/// same report and media files give the same bytes.
public struct EvaluationPage {
    let report: EvaluationReport
    private let mediaOptions: MediaOptions
    private let folders: MediaFolders

    /// - Parameters:
    ///   - mediaOptions: Options for opening inputs to make thumbnails.
    ///   - folders: The folders in which inputs are looked for.
    public init(
        _ report: EvaluationReport, mediaOptions: MediaOptions = .init(),
        in folders: MediaFolders = .init()
    ) {
        self.report = report
        self.folders = folders
        self.mediaOptions = mediaOptions
    }

    /// The whole page. Decodes at most about 30 inputs for thumbnails, which takes some seconds.
    public var html: String {
        let model = report.provenanceText ?? "a reward model"
        return HTMLPage(
            title: "Evaluation of \(model)", style: PageStyle.text, mediaSources: "data:",
            body: """
                <h1>Evaluation</h1>
                <p>\(model.escapedForHTML)</p>
                \(estimateTable)
                \(charts)
                \(galleries)
                \(failures)
                """
        ).text
    }

    private var estimateTable: String {
        var rows = ""
        for section in report.sections {
            rows += """
                <tr class="section"><th colspan="4">\(section.name.escapedForHTML): \
                \(section.summary.escapedForHTML)</th></tr>

                """
            for line in section.lines {
                let hasNone = line.estimate.value != nil && line.estimate.interval == nil
                let interval = hasNone ? "none" : EvaluationReport.text(line.estimate.interval)
                rows += """
                    <tr><th scope="row">\(line.name.escapedForHTML)</th>\
                    <td class="number">\(EvaluationReport.text(line.estimate.value))</td>\
                    <td>\(interval)</td><td>\(line.note.escapedForHTML)</td></tr>

                    """
            }
        }
        return """
            <h2>Metrics</h2>
            <div class="wide" tabindex="0"><table>
            <thead><tr><th>metric</th><th class="number">value</th><th>95 % interval</th><th></th></tr></thead>
            <tbody>
            \(rows)</tbody>
            </table></div>
            <p>Intervals: 95 %, percentile bootstrap of whole groups, \(report.resamples) resamples, \
            seed \(report.seed).\(intervalNotice)</p>
            \(definitions)
            """
    }

    /// What the metrics of the report mean, as in docs/evaluation.md.
    private var definitions: String {
        var terms: [(String, String)] = []
        if report.labelled != nil {
            terms += [
                (
                    "AUC",
                    "probability that a proxy sample has a higher logit than a generated one; ties "
                        + "count half"
                ),
                ("accuracy", "share of samples on the correct side of logit 0"),
                ("log loss", "mean of −ln p of the correct class; 0.693 for p = ½"),
                (
                    "calibration error",
                    "difference between the predicted probability and the share of proxy samples"
                ),
            ]
        }
        if report.pairs != nil {
            terms.append(
                (
                    "right order",
                    "share of pairs whose winner has the higher logit; ties count half"
                ))
        }
        if report.ratings != nil {
            terms.append(("Spearman, Kendall", "rank correlation of logits and ratings"))
        }
        let items = terms.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }.joined(separator: "\n")
        return
            "<details><summary>What the metrics mean</summary><dl class=\"terms\">\n\(items)\n</dl></details>"
    }

    /// Why some metrics have no interval; empty if all have one.
    private var intervalNotice: String {
        let isMissing = report.sections.contains { section in
            section.lines.contains { $0.estimate.value != nil && $0.estimate.interval == nil }
        }
        guard isMissing else { return "" }
        return """
             “None” means that resampling says nothing about a value: there are fewer than two groups, \
            all resamples give the same value, or most of them give none.
            """
    }

    private var failures: String {
        guard !report.failures.isEmpty else { return "" }
        let items = report.failures.prefix(100).map { "<li>\($0.reason.escapedForHTML)</li>" }
        let rest = report.failures.count - items.count
        return """
            <h2>Not evaluated: \(report.failures.count)</h2>
            <ul>
            \(items.joined(separator: "\n"))
            </ul>\(rest > 0 ? "<p>and \(rest) more</p>" : "")
            """
    }

    /// A thumbnail as an `img` or `video` element, or a placeholder and the reason for a failure.
    func thumbnail(of input: String) -> (html: String, failure: String?) {
        do {
            let thumbnail = try Thumbnail(
                of: .path(folders.located(input)), options: mediaOptions)
            let content = Data(thumbnail.bytes).base64EncodedString()
            let source = "src=\"data:\(thumbnail.mediaType);base64,\(content)\""
            let poster = thumbnail.poster.map {
                " poster=\"data:image/jpeg;base64,\(Data($0.bytes).base64EncodedString())\""
            }
            let size = "width=\"\(thumbnail.width)\" height=\"\(thumbnail.height)\""
            // Autoplay makes browsers hide the controls.
            let html =
                thumbnail.mediaType.hasPrefix("image/")
                ? "<img \(size) alt=\"\" \(source)>"
                : "<video \(size) controls autoplay loop muted playsinline\(poster ?? "") \(source)></video>"
            return (html, nil)
        } catch {
            return ("<div class=\"missing\">no thumbnail</div>", "\(error)")
        }
    }
}
