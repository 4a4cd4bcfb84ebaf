public import Metrics
import Preference
import TextFormats

/// An HTML page of ranked candidates: each prompt with its videos or images side by side.
///
///     let page = ReportPage(try RankList(reading: "ranks.jsonl"), title: "VideoCrafter2")
///     try page.write(to: PageLocation("report/"))
///
/// The page works from a local disk and makes no network requests. Prompts are untrusted and are
/// shown as text only.
public struct ReportPage {
    private let list: RankList
    /// The metrics of the candidates; nil if there are none.
    let metrics: RankedMetrics?
    private let title: String

    /// - Parameter metrics: Rows of `ganrm metrics` of the same candidates, which are shown beside their scores.
    /// - Throws: `MetricError.rows` for rows that do not belong to the candidates.
    public init(
        _ list: RankList, metrics: MetricTable? = nil, title: String = "Ranked candidates"
    ) throws(MetricError) {
        self.list = list
        self.title = title
        self.metrics =
            if let metrics { try RankedMetrics(list.entries.map(\.ranked), metrics: metrics) } else
            { nil }
    }

    /// What could not be joined with the metrics, in sentences.
    public var notices: [String] { metrics?.omissions.sentences ?? [] }

    /// Writes the page and its media.
    ///
    /// - Parameters:
    ///   - location: The page's file or folder.
    ///   - media: The way in which the page includes images and videos.
    ///   - onCandidate: Called after each candidate with the reason why it cannot be shown, or nil.
    /// - Returns: The page's size, and what it cannot show.
    /// - Throws: `PagesError.file`, `.pageTooLarge`, and what `onCandidate` throws.
    public func write(
        to location: PageLocation, media: PageMediaMode = .reference,
        onCandidate: (_ failure: String?) throws -> Void = { _ in }
    ) throws -> WrittenPage {
        var mediaItems = PageAssets(media, at: location, in: list.folders)
        var failures: [MissingMedia.Failure] = []
        var prompts: [JSONValue] = []
        for (index, entry) in list.entries.enumerated() {
            let values = metrics.map { Self.members(of: $0, prompt: index) } ?? [:]
            var candidates: [JSONValue] = []
            func add(
                _ candidate: Candidate, _ facts: [JSONValue.Member], isFailed: Bool = false
            ) throws {
                let item = try mediaItems.item(of: candidate.input)
                candidates.append(
                    .object(
                        [.init("input", .string(candidate.input))] + item.members + facts
                            + (values[candidate.input].map { [.init("metrics", $0)] } ?? [])))
                // A candidate without a score has failed already; its media is not reported too.
                let failure = isFailed ? nil : item.failure
                if let failure { failures.append(failure) }
                try onCandidate(failure?.reason)
            }
            for ranked in entry.ranked.ranked { try add(ranked.candidate, Self.facts(of: ranked)) }
            for excluded in entry.ranked.excluded {
                try add(
                    excluded.candidate,
                    [
                        .init("score", .number(excluded.score.value)),
                        .init("logit", .number(excluded.score.logit)),
                        .init("excluded", .string(excluded.reason)),
                    ])
            }
            for failed in entry.ranked.failed {
                try add(
                    failed.candidate, [.init("error", .string(failed.reason))], isFailed: true)
            }
            var members = [JSONValue.Member("group", .string(entry.ranked.group.name))]
            if let prompt = entry.ranked.group.prompt {
                members.append(.init("prompt", .string(prompt)))
            }
            if let problem = entry.problem { members.append(.init("problem", .string(problem))) }
            members.append(.init("candidates", .array(candidates)))
            prompts.append(.object(members))
        }
        let missing = MissingMedia.grouped(failures)
        let page = HTMLPage.playing(
            title: title, style: PackageResources.report_css, script: PackageResources.report_js,
            data: [
                "media": .array(mediaItems.entries), "prompts": .array(prompts),
            ], body: body(missing))
        return WrittenPage(byteCount: try location.write(page), missing: missing)
    }

    private static func facts(of ranked: RankedGroup.Ranked) -> [JSONValue.Member] {
        var facts: [JSONValue.Member] = [
            .init("rank", .integer(ranked.rank)), .init("score", .number(ranked.score.value)),
            .init("logit", .number(ranked.score.logit)),
        ]
        if let spread = ranked.score.logitSpread { facts.append(.init("spread", .number(spread))) }
        if let margin = ranked.margin { facts.append(.init("margin", .number(margin))) }
        return facts
    }

    /// The metrics of a prompt's candidates by input, each an object.
    private static func members(
        of metrics: RankedMetrics, prompt: Int
    ) -> [ByteString: JSONValue] {
        let candidates = metrics.prompts[prompt].candidates.map { candidate in
            let members = zip(metrics.names, candidate.values).map {
                JSONValue.Member($0, .number($1))
            }
            return (ByteString(candidate.input), JSONValue.object(members))
        }
        return Dictionary(candidates, uniquingKeysWith: { first, _ in first })
    }

    private func summary(_ missing: [MissingMedia]) -> String {
        func count(_ count: Int, _ noun: String) -> String {
            "\(count) \(noun)\(count == 1 ? "" : "s")"
        }
        let problems = [
            (list.excludedCount, "excluded"), (list.failedCount, "failed"),
            (list.incomparableCount, "not to be compared"),
            (missing.reduce(0) { $0 + $1.inputs.count }, "not shown"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        let counts = [
            count(list.entries.count, "prompt"), count(list.candidateCount, "candidate"),
        ]
        return (counts + problems).joined(separator: ", ")
    }

    /// What cannot be shown, each cause once.
    private func notice(_ missing: [MissingMedia]) -> String {
        guard !missing.isEmpty else { return "" }
        let items = missing.map { "<li>\($0.sentence.escapedForHTML)</li>" }
        return """
            <div class="problem"><p class="problem">Not shown; relative paths were looked for in \
            \(list.folders.description.escapedForHTML):</p>
            <ul>
            \(items.joined(separator: "\n"))
            </ul></div>

            """
    }

    private var provenance: String {
        list.provenance.isEmpty
            ? "The rows name no model." : "Scored by " + list.provenance.joined(separator: "; ")
    }

    private var charts: String {
        let scores = list.entries.flatMap { $0.ranked.ranked.map(\.score.value) }
        let ranges = list.entries.compactMap { entry in
            entry.ranked.ranked.count > 1
                ? entry.ranked.ranked[0].score.logit
                    - entry.ranked.ranked[entry.ranked.ranked.count - 1].score.logit
                : nil
        }
        func estimate(_ title: String, _ histogram: Histogram) -> String {
            let maximum = Double(histogram.counts.max() ?? 0)
            var chart = Chart(
                x: histogram.axis, y: .init(0, maximum * 1.05, label: "count", isCount: true))
            histogram.draw(in: &chart, style: "proxy")
            let svg = chart.svg(summary: "Histogram of \(title.lowercased())")
            return "<figure><h3>\(title)</h3>\(svg)</figure>"
        }
        let upperLimit = (ranges.max() ?? 1) * 1.000001
        return estimate("Scores", Histogram(of: scores, on: .init(0, 1, label: "score")))
            + estimate(
                "Ranges",
                Histogram(of: ranges, on: .init(0, upperLimit, label: "best minus worst, logits")))
    }

    private func body(_ missing: [MissingMedia]) -> String {
        """
        <h1>\(title.escapedForHTML)</h1>
        <p>\(provenance.escapedForHTML)</p>
        <p>\(summary(missing))</p>
        \(notice(missing))\
        <noscript><p class="problem">This page needs its script, which loads nothing.</p></noscript>
        \(bestOfSection)\
        <details><summary>Histograms</summary><div class="charts">\(charts)</div></details>
        <details><summary>What the numbers mean</summary><dl class="terms">
        <dt>score</dt><dd>σ(logit), from 0 (like raw generator output) to 1 (like the proxy data)</dd>
        <dt>logit</dt><dd>what candidates are ranked by; differences of logits have its unit</dd>
        <dt>±</dt><dd>standard deviation of the logits of an ensemble’s heads</dd>
        <dt>margin</dt><dd>of a candidate: its logit minus that of the next one; σ(margin) is the \
        probability that it is preferred to the next one</dd>
        <dt>range</dt><dd>of a prompt: the highest logit minus the lowest one</dd>
        </dl></details>
        <form id="tools" role="search">
        <label class="wide-field">Search prompts <input type="search" name="search"></label>
        <label>Range, in logits <span class="ranges">\
        <input type="number" name="low" step="any" placeholder="from" aria-label="least range">\
        <input type="number" name="high" step="any" placeholder="to" aria-label="most range">\
        </span></label>
        <label>Show <select name="kind"><option value="all">all prompts</option>\
        <option value="failed">with failed candidates</option>\
        <option value="incomparable">not to be compared</option></select></label>
        <label>Sort by <select name="order"><option value="prompt">prompt order</option>\
        <option value="widest">widest range</option>\
        <option value="narrowest">narrowest range</option>\
        <option value="best">best score</option><option value="worst">worst score</option>\
        <option value="spread">widest spread</option></select></label>
        <label>Play <select name="play"><option value="visible">what is in sight</option>\
        <option value="hover">under the pointer</option>\
        <option value="hand">when asked</option></select></label>
        <button type="reset">Reset</button>
        <button type="button" id="show-help" aria-label="keys">?</button>
        </form>
        <p id="count" role="status"></p>
        <ol id="prompts"></ol>
        <dialog id="help" aria-labelledby="help-title"><h2 id="help-title">Keys</h2><dl>
        <dt><kbd>j</kbd> <kbd>→</kbd></dt><dd>next prompt</dd>
        <dt><kbd>k</kbd> <kbd>←</kbd></dt><dd>previous prompt</dd>
        <dt><kbd>space</kbd></dt><dd>play or pause</dd>
        <dt><kbd>/</kbd></dt><dd>search prompts</dd>
        <dt><kbd>?</kbd></dt><dd>this list</dd>
        </dl><form method="dialog"><button>Close</button></form></dialog>

        """
    }
}
