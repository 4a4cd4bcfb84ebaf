/// Writes lines of comma-separated values as RFC 4180 wants them.
package enum CSVLine {
    /// The fields as one line, without its end; those with commas, quotes or line ends are quoted.
    package static func text(_ fields: some Sequence<String>) -> String {
        fields.map(quoted).joined(separator: ",")
    }

    private static func quoted(_ field: String) -> String {
        // Bytes, not characters: "\r\n" is one character.
        guard field.utf8.contains(where: { ",\"\n\r".utf8.contains($0) }) else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }
}
