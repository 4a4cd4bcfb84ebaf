public import Evaluation
import Reward
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
            <h2>Damage</h2>
            <p>\(check.summary.escapedForHTML).</p>
            \(TextTable.html(check.lines, numbers: 3...4))
            """
        }
        return HTMLPage(
            title: "Check of \(model)", style: PageStyle.text, mediaSources: "'none'",
            body: """
                <h1>Check of a reward model</h1>
                <p>\(model.escapedForHTML)</p>
                <h2>Failures</h2>
                <p>\(summary.escapedForHTML). The median proxy sample has the logit \(Self.text(proxyMedian)).</p>
                <details><summary>What the columns mean</summary><dl class="terms">
                <dt>shown</dt><dd>whether such samples were in the training</dd>
                <dt>% gen</dt><dd>share of held-out generated samples with a lower logit</dd>
                <dt>unfamiliar</dt><dd>distance from the training data, a percentile; above \
                \(Self.text(Familiarity.defaultMaximum, digits: 1)) a sample is excluded</dd>
                <dt>pixels</dt><dd>what the check of pixels finds, for which a sample is excluded</dd>
                <dt>verdict</dt><dd>excluded; else loses, or wins if the logit is above that of the \
                median proxy sample</dd>
                <dt>right</dt><dd>share of pairs of two versions of a clip in which the less damaged one \
                has the higher logit; chance is 0.50</dd>
                </dl></details>
                \(TextTable.html(lines, numbers: 3...5))
                \(damage ?? "")
                """
        ).text
    }
}
