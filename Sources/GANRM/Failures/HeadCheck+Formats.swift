import Foundation
import Frames
public import JSON

extension HeadCheck {
    private static let header = [
        "failure", "kind", "shown", "logit", "% gen", "unfamiliar", "pixels", "verdict",
    ]

    static func text(_ number: Double?, digits: Int = 2) -> String {
        number.map { String(format: "%.\(digits)f", $0) } ?? "-"
    }

    private func fields(_ row: Row) -> [String] {
        [
            row.name, row.kind.rawValue, row.isShown ? "yes" : "no", Self.text(row.logit),
            Self.text(row.percentile, digits: 1), Self.text(row.unfamiliar),
            row.degeneracy?.rawValue ?? "-",
            row.wins ? "WINS" : row.isExcluded ? "excluded" : "loses",
        ]
    }

    /// The rows whose logits are highest first.
    private var ordered: [Row] { rows.sorted { $0.logit > $1.logit } }

    /// For people: a line for each failure, the best of them first, then the summary.
    public var table: String {
        TextTable.text([Self.header] + ordered.map(fields), numbers: 3...5) + "\n\(summary)"
    }

    /// An object for each failure.
    public var json: [JSONValue] {
        ordered.map { row in
            func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
            return .object([
                .init("failure", .string(row.name)), .init("kind", .string(row.kind.rawValue)),
                .init("shown", .bool(row.isShown)), .init("logit", .number(row.logit)),
                .init("percentile_generated", number(row.percentile)),
                .init("unfamiliar", number(row.unfamiliar)),
                .init("degenerate", row.degeneracy.map { .string($0.rawValue) } ?? .null),
                .init("excluded", .bool(row.isExcluded)),
                .init("beats_proxy", .bool(row.beatsProxy)),
            ])
        }
    }

    /// A page that loads nothing.
    ///
    /// - Parameters:
    ///   - model: What the model is called.
    ///   - degradations: What it makes of damaged clips, if that was tried.
    public func html(model: String, degradations: DegradationCheck? = nil) -> String {
        let damage = degradations.map { check in
            """
            <h1>Damage</h1>
            <p>\(check.summary.escapedForHTML).</p>
            \(TextTable.html([DegradationCheck.header] + check.fields, numbers: 3...4))
            """
        }
        return HTMLPage(
            title: "Failures before \(model)", style: PageStyle.text, mediaSources: "'none'",
            body: """
                <h1>Failures</h1>
                <p>\(model.escapedForHTML): \(summary.escapedForHTML).</p>
                <p>The median proxy sample has the logit \(Self.text(proxyMedian)).</p>
                \(TextTable.html([Self.header] + ordered.map(fields), numbers: 3...5))
                \(damage ?? "")
                """
        ).text
    }
}
