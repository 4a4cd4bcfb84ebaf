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

    /// - Parameter mediaOptions: Options for opening inputs to make thumbnails.
    public init(_ report: EvaluationReport, mediaOptions: MediaOptions = .init()) {
        self.report = report
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
                let interval = EvaluationReport.text(line.estimate.interval)
                rows += """
                    <tr><th scope="row">\(line.name.escapedForHTML)</th>\
                    <td class="number">\(EvaluationReport.text(line.estimate.value))</td>\
                    <td>\(interval)</td><td>\(line.note.escapedForHTML)</td></tr>

                    """
            }
        }
        return """
            <h2>Metrics</h2>
            <div class="wide"><table>
            <thead><tr><th>metric</th><th>value</th><th>95 % interval</th><th></th></tr></thead>
            <tbody>
            \(rows)</tbody>
            </table></div>
            <p>Intervals: percentile bootstrap of whole groups, \(report.resamples) resamples, seed \
            \(report.seed).</p>
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

    /// A thumbnail as an `img` or `video` element, or a placeholder with the reason for a failure.
    func thumbnail(of input: String) -> String {
        do {
            let thumbnail = try Thumbnail(of: .path(input), options: mediaOptions)
            let content = Data(thumbnail.bytes).base64EncodedString()
            let source = "src=\"data:\(thumbnail.mediaType);base64,\(content)\""
            let size = "width=\"\(thumbnail.width)\" height=\"\(thumbnail.height)\""
            // Autoplay makes browsers hide the controls.
            return thumbnail.mediaType.hasPrefix("image/")
                ? "<img \(size) alt=\"\" \(source)>"
                : "<video \(size) controls autoplay loop muted playsinline \(source)></video>"
        } catch {
            return
                "<div class=\"missing\" title=\"\("\(error)".escapedForHTML)\">no thumbnail</div>"
        }
    }
}
