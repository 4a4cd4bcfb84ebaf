import TextFormats

extension DatasetFolder {
    /// Writes a JSON array, one element per line.
    func writeArray(_ elements: [JSONValue], to name: String) throws(ExportError) {
        try write("[\n\(elements.map(\.description).joined(separator: ",\n"))\n]\n", to: name)
    }

    /// Writes one JSON value per line.
    func writeLines(_ values: [JSONValue], to name: String) throws(ExportError) {
        try write(values.map { "\($0)\n" }.joined(), to: name)
    }

    /// Writes lines of text, none of which may contain a line break.
    func writeLines(_ lines: [String], to name: String) throws(ExportError) {
        try write(lines.map { "\($0)\n" }.joined(), to: name)
    }

    /// The folder's path as a double-quoted string, valid in JSON, YAML and TOML.
    var quotedPath: String { JSONValue.string(path).description }
}
