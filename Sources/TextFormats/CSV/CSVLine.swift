/// Formats lines of comma-separated values (RFC 4180).
package enum CSVLine {
    /// The fields as one line, without line end. Fields with commas, quotes or newlines are quoted, and those that begin
    /// with a byte-order mark: at the start of a file it would not be part of the field.
    package static func text(_ fields: some Sequence<String>) -> String {
        fields.map(quoted).joined(separator: ",")
    }

    private static func quoted(_ field: String) -> String {
        // Compares bytes, because "\r\n" is a single `Character`.
        guard
            field.unicodeScalars.first == "\u{FEFF}"
                || field.utf8.contains(where: { ",\"\n\r".utf8.contains($0) })
        else { return field }
        return "\"" + field.replacing(scalar: "\"", with: "\"\"") + "\""
    }
}
