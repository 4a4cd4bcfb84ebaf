/// Words of a command line.
package enum ShellWord {
    /// A text as one word of a POSIX shell, quoted where it needs it.
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

    /// A text in single quotes, as shells and FFmpeg's lists read it.
    static func inQuotes(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
