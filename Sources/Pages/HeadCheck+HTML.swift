public import Evaluation
import TextFormats
public import Training

extension HeadCheck {
    /// An HTML page without external resources.
    ///
    /// - Parameters:
    ///   - model: Name of the model.
    ///   - degradations: Results on degraded clips, if available.
    public func html(model: String, degradations: DegradationCheck? = nil) -> String {
        let damage = degradations.map { check in
            """
            <h1>Damage</h1>
            <p>\(check.summary.escapedForHTML).</p>
            \(TextTable.html(check.lines, numbers: 3...4))
            """
        }
        return HTMLPage(
            title: "Failures before \(model)", style: PageStyle.text, mediaSources: "'none'",
            body: """
                <h1>Failures</h1>
                <p>\(model.escapedForHTML): \(summary.escapedForHTML).</p>
                <p>The median proxy sample has the logit \(Self.text(proxyMedian)).</p>
                \(TextTable.html(lines, numbers: 3...5))
                \(damage ?? "")
                """
        ).text
    }
}
