import Files
import Foundation
public import Scoring
import TextFormats

/// The complete rows of an interrupted output file, and the offset at which to continue.
public struct ResumedOutput: Sendable {
    /// Length of the complete lines, in bytes.
    public let offset: Int
    /// Number of complete lines, failures included.
    public let lineCount: Int
    /// Number of rows with an error; these inputs are not retried.
    public let failureCount: Int
    /// Number of rows by request key, minus those already matched with a request.
    private var answered: [ByteString: Int] = [:]

    /// Reads the output of an interrupted `score -o`, except for an incomplete last line, which is the
    /// start of a row or, after a power failure, zero bytes.
    ///
    /// - Parameter signature: The signature of the run's new row for the same kind of input as a row's.
    /// - Throws: `PipelineError.outputModelMismatch` if a row has another model, precision, sampling
    ///   or version; `.notAResultLine` if a line is not a row of `score`.
    public init(
        path: String, expecting signature: (ScoreRow) -> String
    ) throws(PipelineError) {
        var (offset, lines, failures) = (0, 0, 0)
        var answered: [ByteString: Int] = [:]
        if try FileSystem.exists(path, failing: PipelineError.file) {
            let data = try WholeFile.data(path, failing: PipelineError.file)
            try TextLine.forEach(of: data) { (line, range) throws(PipelineError) in
                guard line.isComplete else {
                    // Anything else is not of ganrm, and would be lost.
                    let start = line.text.utf8.first { $0 != 0 && $0 != 0x20 && $0 != 0x09 }
                    guard start == nil || start == UInt8(ascii: "{") else {
                        throw .notAResultLine(path: path, line: line.number)
                    }
                    return
                }
                defer { offset = range.upperBound }
                if line.isBlank { return }
                let row = try ScoreRow(parsing: line.text, path: path, line: line.number)
                guard line.isUTF8, let input = row.input else {
                    throw .notAResultLine(path: path, line: line.number)
                }
                if let found = row.signature {
                    let expected = signature(row)
                    if found != expected {
                        throw .outputModelMismatch(
                            path: path, line: line.number, expected: expected, found: found)
                    }
                }
                lines += 1
                if row.hasFailed { failures += 1 }
                answered[Request.key(id: row[Request.idKey], input: input), default: 0] += 1
            }
        }
        self.offset = offset
        self.answered = answered
        lineCount = lines
        failureCount = failures
    }

    /// Whether the file has a row for the request. Each row matches one request only.
    public mutating func takes(_ request: Request) -> Bool {
        guard let count = answered[request.key], count > 0 else { return false }
        answered[request.key] = count - 1
        return true
    }
}
