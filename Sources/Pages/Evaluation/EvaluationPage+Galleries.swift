import Evaluation
import Files
import Pipeline
import TextFormats

extension EvaluationPage {
    /// Thumbnails per gallery.
    static let gallerySize = 6

    /// Galleries of the samples with the highest and lowest logits and of the worst errors, as
    /// HTML.
    var galleries: String {
        let ranked = report.inputs.sorted { $0.logit > $1.logit }
        let labels = Dictionary(
            (report.labelled?.samples ?? []).map { (ByteString($0.scored.input), $0) },
            uniquingKeysWith: { $1 }
        )
        func items(_ inputs: some Sequence<ScoredInput>) -> [String] {
            inputs.map { item($0, note: labels[$0.input].map(Self.note) ?? "") }
        }
        var galleries = [
            gallery("Best", items(ranked.prefix(Self.gallerySize))),
            gallery("Worst", items(ranked.suffix(Self.gallerySize).reversed())),
        ]
        if let labelled = report.labelled {
            let wrong = labelled.samples.filter(\.isWrong).sorted { $0.loss > $1.loss }
            for (title, isProxy) in [
                ("Most wrong: generated, taken for proxy", false),
                ("Most wrong: proxy, taken for generated", true),
            ] {
                let worst = wrong.filter { $0.isProxy == isProxy }.prefix(Self.gallerySize)
                galleries.append(gallery(title, items(worst.map(\.scored))))
            }
        }
        if let pairs = report.pairs {
            let wrong = pairs.pairs.filter { $0.winner.logit < $0.loser.logit }
                .sorted { $0.loser.logit - $0.winner.logit > $1.loser.logit - $1.winner.logit }
            let items = wrong.prefix(Self.gallerySize / 2).flatMap {
                [item($0.winner, note: "the winner"), item($0.loser, note: "the loser")]
            }
            galleries.append(gallery("Most wrong pairs", items))
        }
        return galleries.joined(separator: "\n")
    }

    private func gallery(_ title: String, _ items: [String]) -> String {
        """
        <h2>\(title)</h2>
        \(items.isEmpty ? "<p>none</p>" : "<div class=\"gallery\">\(items.joined(separator: "\n"))</div>")
        """
    }

    private func item(_ scored: ScoredInput, note: String) -> String {
        let name = PathName.last(of: scored.input)
        let (thumbnail, failure) = thumbnail(of: scored.input)
        return """
            <figure>\(thumbnail)\
            <figcaption title="\(scored.input.escapedForHTML)">\(name.escapedForHTML)<br>\
            logit \(EvaluationReport.text(scored.logit))\
            \(note.isEmpty ? "" : "<br>\(note.escapedForHTML)")\
            \(failure.map { "<br>\($0.escapedForHTML)" } ?? "")</figcaption></figure>
            """
    }

    /// The class and group of a sample.
    private static func note(_ sample: ClassificationMetrics.Sample) -> String {
        (sample.isProxy ? "proxy" : "generated") + (sample.group.map { ", \($0)" } ?? "")
    }
}
