/// Quotes text for command lines.
package enum ShellWord {
    /// A text as one word of a POSIX shell, quoted if necessary.
    package static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                        || "-_./:=,+@%".unicodeScalars.contains($0))
            }
        return isPlain ? word : inQuotes(word)
    }

    /// A text in single quotes, for shells and FFmpeg's concat lists.
    package static func inQuotes(_ text: String) -> String {
        "'" + text.replacing(scalar: "'", with: "'\\''") + "'"
    }
}
