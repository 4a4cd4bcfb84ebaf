/// Restrictions of a trainer's list format on captions and paths.
enum CaptionRule: Sendable {
    /// Any text, since the list is JSON.
    case any
    /// A field of a table that pandas reads.
    case table
    /// A line of a text file.
    case line
    /// A line of a text file with `|||` as field separator.
    case barredLine
    /// Any text, or none.
    case optional

    /// Strings that `pandas.read_csv` parses as a missing value, after which loaders drop the row or
    /// fail, or as a Boolean.
    ///
    /// Source: pandas 3.0, `pandas/_libs/parsers.pyx`, `STR_NA_VALUES`.
    private static let tableWords: Set = [
        "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
        "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", "True", "TRUE", "true",
        "False", "FALSE", "false",
    ]

    /// Line boundaries of Python's `str.splitlines`.
    private static let lineEnds: Set<Unicode.Scalar> = [
        "\n", "\r", "\u{b}", "\u{c}", "\u{1c}", "\u{1d}", "\u{1e}", "\u{85}", "\u{2028}",
        "\u{2029}",
    ]

    /// Whether the list format can represent a path.
    func carries(path: String) -> Bool {
        switch self {
        case .any, .optional: true
        case .table: !path.unicodeScalars.contains { $0.value < 0x20 }
        case .line: !path.unicodeScalars.contains(where: Self.lineEnds.contains)
        case .barredLine:
            !path.unicodeScalars.contains(where: Self.lineEnds.contains) && !path.contains("|||")
        }
    }

    /// The caption for a prompt, or the reason why the prompt cannot be used.
    func caption(of prompt: String?) -> Result<String, OmissionReason> {
        guard let prompt, !prompt.allSatisfy(\.isWhitespace) else {
            if case .optional = self { return .success(prompt ?? "") }
            return .failure(
                OmissionReason("no prompt is known for it, and the trainer needs a caption"))
        }
        switch self {
        case .any, .optional:
            return .success(prompt)
        case .table:
            let text = spaced(prompt) { $0.value < 0x20 && !"\n\r\t".unicodeScalars.contains($0) }
            let word = text.trimmingSpaces
            if Self.tableWords.contains(word) || Double(word) != nil {
                return .failure(
                    OmissionReason(
                        "pandas reads '\(word)' as a value that is no text; use other words"))
            }
            return .success(text)
        case .line, .barredLine:
            let text = spaced(prompt) { $0.value == 0 || Self.lineEnds.contains($0) }.trimmingSpaces
            if case .barredLine = self, text.contains("|||") {
                return .failure(
                    OmissionReason("its prompt holds '|||', which ends a field in the list"))
            }
            return .success(text)
        }
    }

    /// Replaces runs of certain scalars by one space, and drops them at both ends.
    private func spaced(_ text: String, _ isSpaced: (Unicode.Scalar) -> Bool) -> String {
        guard text.unicodeScalars.contains(where: isSpaced) else { return text }
        return text.unicodeScalars.split(whereSeparator: isSpaced).map(String.init)
            .joined(separator: " ")
    }
}

/// The reason why a sample is left out, one sentence.
struct OmissionReason: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

extension String {
    /// The string without leading and trailing white space.
    fileprivate var trimmingSpaces: String {
        let body = drop(while: \.isWhitespace)
        return String(
            body[
                ..<(body.lastIndex { !$0.isWhitespace }.map(body.index(after:)) ?? body.startIndex)]
        )
    }
}
