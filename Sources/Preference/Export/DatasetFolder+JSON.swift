import JSON

extension DatasetFolder {
    /// Writes a JSON array, one element a line.
    func writeArray(_ elements: [JSONValue], to name: String) throws(ExportError) {
        try write("[\n\(elements.map(\.description).joined(separator: ",\n"))\n]\n", to: name)
    }

    /// Writes one JSON value a line.
    func writeLines(_ values: [JSONValue], to name: String) throws(ExportError) {
        try write(values.map { "\($0)\n" }.joined(), to: name)
    }

    /// Writes lines of text; none of them may hold a line end.
    func writeLines(_ lines: [String], to name: String) throws(ExportError) {
        try write(lines.map { "\($0)\n" }.joined(), to: name)
    }

    /// The folder's path as a double-quoted string of JSON, YAML and TOML alike.
    var quotedPath: String { JSONValue.string(path).description }
}
