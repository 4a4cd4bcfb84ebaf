package import Foundation

/// A line of a text file.
///
/// A line ends with LF or CRLF, and with nothing else: other characters that Unicode calls line ends,
/// such as U+2028 and U+0085, are part of it. A byte order mark at the start of the file is none.
package struct TextLine: Sendable {
    /// One-based.
    package let number: Int
    /// The text without the line end; with replacement characters if it is not UTF-8.
    package let text: String
    package let isUTF8: Bool
    /// Whether the line has a line end; only the last line of a file may have none.
    package let isComplete: Bool

    init(number: Int, bytes: some RandomAccessCollection<UInt8>, isComplete: Bool) {
        self.number = number
        self.isComplete = isComplete
        // On the first line a byte order mark, on every line a carriage return.
        var bytes = bytes[...]
        if number == 1, bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes = bytes.dropFirst(3) }
        if bytes.last == 0x0d { bytes = bytes.dropLast() }
        let valid = String(validating: bytes, as: UTF8.self)
        isUTF8 = valid != nil
        text = valid ?? String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the line is empty or consists of spaces and tabs.
    package var isBlank: Bool { text.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 } }

    /// The lines of a file that is in memory, with their byte ranges. A range includes the line end.
    package static func forEach<Failure: Error>(
        of data: Data, _ body: (TextLine, Range<Int>) throws(Failure) -> Void
    ) throws(Failure) {
        var start = data.startIndex
        var number = 0
        while start < data.endIndex {
            number += 1
            let newline = data[start...].firstIndex(of: 0x0a)
            let end = newline.map { $0 + 1 } ?? data.endIndex
            let line = TextLine(
                number: number, bytes: data[start..<(newline ?? end)], isComplete: newline != nil)
            try body(line, start..<end)
            start = end
        }
    }
}
