import Glibc

/// The lines of a UTF-8 text, one after another, however long the text is.
package final class LineReader {
    /// Why a text cannot be read on.
    package struct Refusal: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    private static let chunkSize = 1 << 18

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Where the next line begins in the buffer.
    private var start = 0
    private var isAtEnd = false
    private var number = 0

    /// - Parameter path: `-` is standard input.
    package init(path: String) throws(Refusal) {
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.lastRefusal() }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw Refusal(description: "it is a folder")
        }
    }

    deinit {
        if descriptor > STDIN_FILENO { close(descriptor) }
    }

    /// The next line that is not blank, without its end, and its number from 1; nil at the end.
    package func next() throws(Refusal) -> (number: Int, text: String)? {
        while let bytes = try line() {
            number += 1
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Refusal(description: "line \(number) is not UTF-8")
            }
            if !text.allSatisfy(\.isWhitespace) { return (number, text) }
        }
        return nil
    }

    private func line() throws(Refusal) -> ArraySlice<UInt8>? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0a) {
                defer { start = end + 1 }
                return trimmed(buffer[start..<end])
            }
            searched = buffer.count
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                return trimmed(buffer[start...])
            }
            searched -= start
            try fill()
        }
    }

    /// Without the carriage return of files from elsewhere.
    private func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        if number == 0, line.starts(with: [0xef, 0xbb, 0xbf]) { line = line.dropFirst(3) }
        return line.last == 0x0d ? line.dropLast() : line
    }

    /// Forgets the lines that were given and reads more.
    private func fill() throws(Refusal) {
        buffer.removeFirst(start)
        start = 0
        var chunk = [UInt8](repeating: 0, count: Self.chunkSize)
        while true {
            let got = read(descriptor, &chunk, chunk.count)
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw Self.lastRefusal() }
            isAtEnd = got == 0
            buffer.append(contentsOf: chunk[..<got])
            return
        }
    }

    private static func lastRefusal() -> Refusal {
        Refusal(description: String(cString: strerror(errno)))
    }
}
