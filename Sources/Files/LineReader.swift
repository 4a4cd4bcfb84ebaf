import Glibc
import SystemPackage

/// Reads the lines of a UTF-8 file or of standard input, in chunks; see `TextLine` for line ends.
///
/// `failing` converts a `FileError` to the caller's error type, for example `PreferenceError.file`.
package final class LineReader<Failure: Error> {
    private static var chunkSize: Int { 1 << 18 }
    /// Longest line, in bytes; the row of a video of ten hours has 5 MB.
    private static var lineLimit: Int { 256 << 20 }

    private let path: String
    private let failing: (FileError) -> Failure
    private let fileDescriptor: CInt
    private var buffer: [UInt8] = []
    /// Offset of the next line in the buffer.
    private var start = 0
    private var isAtEnd = false
    private var lineNumber = 0

    /// - Parameter path: `-` is standard input.
    package init(
        path: String, failing: @escaping (FileError) -> Failure
    ) throws(Failure) {
        self.path = path
        self.failing = failing
        fileDescriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard fileDescriptor >= 0 else { throw failing(.last(.read, path)) }
        try FileSystem.checkReadable(fileDescriptor, path: path, failing: failing)
    }

    deinit {
        if fileDescriptor > STDIN_FILENO { close(fileDescriptor) }
    }

    /// The next line that is not blank; nil at the end. It may not be UTF-8.
    package func nextLine() throws(Failure) -> TextLine? {
        while let line = try line() {
            if !line.isBlank { return line }
        }
        return nil
    }

    /// The next line that is not blank, without its line end, and its one-based number; nil at the
    /// end. A line that is not UTF-8 is an error.
    package func next() throws(Failure) -> (number: Int, text: String)? {
        guard let line = try nextLine() else { return nil }
        guard line.isUTF8 else {
            throw failing(FileError(.read, path, .file("line \(line.number) is not UTF-8")))
        }
        return (line.number, line.text)
    }

    /// The lines of a file that are not blank, with their one-based numbers.
    package static func lines(
        of path: String, failing: @escaping (FileError) -> Failure
    ) throws(Failure) -> [(number: Int, text: String)] {
        let reader = try LineReader(path: path, failing: failing)
        var lines: [(number: Int, text: String)] = []
        while let line = try reader.next() { lines.append(line) }
        return lines
    }

    /// Reads bytes that follow the last line, and goes on with the line behind them.
    ///
    /// - Parameter body: Receives them piece by piece; the pointer must not escape.
    /// - Returns: Their number, less than `count` at the end.
    package func read(
        _ count: Int, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(Failure) -> Int {
        var received = min(count, buffer.count - start)
        buffer.withUnsafeBytes {
            body(UnsafeRawBufferPointer(rebasing: $0[start..<start + received]))
        }
        start += received
        guard received < count else { return received }
        let piece = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.chunkSize, alignment: 64)
        defer { piece.deallocate() }
        while received < count, !isAtEnd {
            let step = try readOnce(
                UnsafeMutableRawBufferPointer(
                    rebasing: piece[..<min(piece.count, count - received)]))
            isAtEnd = step == 0
            body(UnsafeRawBufferPointer(rebasing: piece[..<step]))
            received += step
        }
        return received
    }

    private func line() throws(Failure) -> TextLine? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0a) {
                defer { start = end + 1 }
                return line(start..<end, isComplete: true)
            }
            searched = buffer.count
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                return line(start..<buffer.count, isComplete: false)
            }
            searched -= start
            try fill()
        }
    }

    private func line(_ range: Range<Int>, isComplete: Bool) -> TextLine {
        lineNumber += 1
        return TextLine(number: lineNumber, bytes: buffer[range], isComplete: isComplete)
    }

    /// Drops the lines that were returned and reads the next chunk.
    private func fill() throws(Failure) {
        buffer.removeFirst(start)
        start = 0
        guard buffer.count < Self.lineLimit else {
            let reason = "line \(lineNumber + 1) has more than \(Self.lineLimit >> 20) MiB"
            throw failing(FileError(.read, path, .file(reason)))
        }
        // The array may copy its bytes to grow.
        guard Memory.isAvailable(2 * buffer.count) else {
            throw failing(FileError(.read, path, .system(.noMemory)))
        }
        let chunk = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.chunkSize, alignment: 64)
        defer { chunk.deallocate() }
        let count = try readOnce(chunk)
        isAtEnd = count == 0
        buffer.append(contentsOf: chunk[..<count])
    }

    /// Reads what there is, at least a byte, or 0 at the end.
    ///
    /// It waits before it reads: a thread that is killed while it waits in `read` may take bytes out of a pipe with it,
    /// and whoever wrote them could not tell that nobody has seen them.
    private func readOnce(_ bytes: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        var waiting = pollfd(fd: fileDescriptor, events: CShort(POLLIN), revents: 0)
        while true {
            if poll(&waiting, 1, -1) >= 0 {
                let count = Glibc.read(fileDescriptor, bytes.baseAddress, bytes.count)
                if count >= 0 { return count }
            }
            guard errno == EINTR else { throw failing(.last(.read, path)) }
        }
    }
}
