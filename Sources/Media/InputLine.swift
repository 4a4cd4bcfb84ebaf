import FoundationEssentials

/// A line of a list of inputs: a path or address, or a JSON object that names one.
public struct InputLine: Sendable, Hashable {
    /// What to read; never a pattern or a folder.
    public let source: InputSource
    /// The line as it was, without line ending: a JSON object may carry more for whoever asked.
    public let text: String
    public let isJSON: Bool

    /// Keys that name the input in a JSON object; the first that is there counts.
    public static let keys = ["input", "path", "video", "image", "file"]

    /// Reads one line; nil if it is blank.
    ///
    /// - Parameters:
    ///   - line: With or without line ending.
    ///   - position: `file:line`, for the error.
    public init?(_ line: String, position: String) throws(MediaError) {
        var text = Substring(line)
        while let end = text.last, end.isNewline || end == " " || end == "\t" { text.removeLast() }
        while let start = text.first, start == " " || start == "\t" || start == "\u{FEFF}" {
            text.removeFirst()
        }
        if text.isEmpty { return nil }
        self.text = String(text)
        isJSON = text.first == "{"
        var path = self.text
        if isJSON {
            let object: [String: OptionalText]
            do {
                object = try JSONDecoder().decode(
                    [String: OptionalText].self, from: Data(self.text.utf8))
            } catch {
                throw .listLine(position: position, reason: "this is no JSON object")
            }
            guard let key = Self.keys.first(where: { object[$0] != nil }) else {
                throw .listLine(
                    position: position,
                    reason: "the object names no input; give it one of the keys "
                        + Self.keys.joined(separator: ", "))
            }
            guard let value = object[key]?.text, !value.isEmpty else {
                throw .listLine(
                    position: position, reason: "\"\(key)\" is not a path; write it as a string")
            }
            path = value
        }
        if path.utf8.contains(0) {
            throw .listLine(position: position, reason: "a path holds no zero byte")
        }
        source = path == "-" ? .standardInput : .path(path)
    }

    /// A JSON value of which only text matters.
    private struct OptionalText: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws {
            text = try? decoder.singleValueContainer().decode(String.self)
        }
    }
}
