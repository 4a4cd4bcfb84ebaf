import TextFormats

/// A column of result rows as CSV.
package struct ScoreColumn: Sendable {
    /// The header field.
    package let name: String
    private let value: @Sendable (ScoreRow) -> JSONValue?

    private init(_ name: String, _ value: @escaping @Sendable (ScoreRow) -> JSONValue?) {
        self.name = name
        self.value = value
    }

    /// A key of the row.
    package init(_ key: ScoreRow.Key) { self.init(key.rawValue) { $0[key] } }

    /// Any key of the row, such as one that was copied from the request.
    package init(_ key: String) { self.init(key) { $0[key] } }

    /// A key of the object that is the value of a key.
    package init(_ name: String, _ key: ScoreRow.Key, _ inner: String) {
        self.init(name) { $0[key]?[inner] }
    }

    /// The field of a row; empty without a value.
    package func field(of row: ScoreRow) -> String { TableCell.text(value(row)) }

    /// What is needed to reproduce a score; the sampling is the JSON of the row.
    package static let provenance: [ScoreColumn] = [
        ScoreColumn("model", .model, "name"),
        ScoreColumn("fingerprint", .model, "fingerprint"),
        ScoreColumn("encoder", .model, "encoder"),
        ScoreColumn(.precision), ScoreColumn(.sampling), ScoreColumn(.version),
    ]
}
