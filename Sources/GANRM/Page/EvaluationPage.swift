import Foundation
public import Media
import Reward

/// An evaluation as one HTML file: figures, charts, and what the head gets right and wrong.
///
/// The page loads nothing and runs nothing; a policy in it tells browsers so. The same report gives the
/// same bytes as long as its files are the same.
public struct EvaluationPage {
    let report: EvaluationReport
    private let mediaOptions: MediaOptions

    /// - Parameter mediaOptions: How inputs are opened for thumbnails.
    public init(_ report: EvaluationReport, mediaOptions: MediaOptions = .init()) {
        self.report = report
        self.mediaOptions = mediaOptions
    }

    /// The whole page. Makes the thumbnails, about 30 at most: some seconds.
    public var html: String {
        let model = report.provenanceWords ?? "a reward model"
        return HTMLPage(
            title: "Evaluation of \(model)", style: PageStyle.text, mediaSources: "data:",
            body: """
                <h1>Evaluation</h1>
                <p>\(model.escapedForHTML)</p>
                \(figures)
                \(charts)
                \(galleries)
                \(failures)
                """
        ).text
    }

    private var figures: String {
        var rows = ""
        for section in report.sections {
            rows += """
                <tr class="section"><th colspan="4">\(section.name.escapedForHTML): \
                \(section.summary.escapedForHTML)</th></tr>

                """
            for line in section.lines {
                let interval = EvaluationReport.text(line.figure.interval)
                rows += """
                    <tr><th scope="row">\(line.name.escapedForHTML)</th>\
                    <td class="number">\(EvaluationReport.text(line.figure.value))</td>\
                    <td>\(interval)</td><td>\(line.note.escapedForHTML)</td></tr>

                    """
            }
        }
        return """
            <h2>Figures</h2>
            <div class="wide"><table>
            <thead><tr><th>figure</th><th>value</th><th>95 % interval</th><th></th></tr></thead>
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

    /// A thumbnail as an element, or a box that says why there is none.
    func thumbnail(of input: String) -> String {
        do {
            let thumbnail = try Thumbnail(of: .path(input), options: mediaOptions)
            let content = Data(thumbnail.bytes).base64EncodedString()
            let source = "src=\"data:\(thumbnail.mediaType);base64,\(content)\""
            let size = "width=\"\(thumbnail.width)\" height=\"\(thumbnail.height)\""
            // While it plays, browsers keep the controls out of its way.
            return thumbnail.mediaType.hasPrefix("image/")
                ? "<img \(size) alt=\"\" \(source)>"
                : "<video \(size) controls autoplay loop muted playsinline \(source)></video>"
        } catch {
            return
                "<div class=\"missing\" title=\"\("\(error)".escapedForHTML)\">no thumbnail</div>"
        }
    }
}
