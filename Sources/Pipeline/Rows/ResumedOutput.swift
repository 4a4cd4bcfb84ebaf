import Files
import Foundation
import Scoring

/// The complete rows of an interrupted output file, and the offset at which to continue.
public struct ResumedOutput: Sendable {
    /// Length of the complete lines, in bytes.
    public let offset: Int
    /// Number of complete lines, failures included.
    public let lineCount: Int
    /// Number of rows with an error; these inputs are not retried.
    public let failureCount: Int
    /// Number of rows by request key, minus those already matched with a request.
    private var answered: [String: Int] = [:]

    /// Reads the output of an interrupted `score -o`, except for an incomplete last line.
    ///
    /// - Parameter provenance: Provenance of the new rows.
    /// - Throws: `PipelineError.outputModelMismatch` if a row has another model, precision, sampling
    ///   or version; `.notAResultLine` if a line is not a row of `score`.
    public init(path: String, expecting provenance: Provenance) throws(PipelineError) {
        guard FileManager.default.fileExists(atPath: path) else {
            offset = 0
            lineCount = 0
            failureCount = 0
            return
        }
        let data = try WholeFile.data(path, failing: PipelineError.file)
        var start = data.startIndex
        var count = 0
        var failures = 0
        while let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) {
            count += 1
            let line = String(decoding: data[start..<end], as: UTF8.self)
            guard let row = try? ScoreRow(parsing: line), let input = row.input else {
                throw .notAResultLine(path: path, line: count)
            }
            if let found = row.signature, found != provenance.signature(like: row) {
                throw .outputModelMismatch(
                    path: path, line: count, expected: provenance.signature(like: row),
                    found: found)
            }
            if row.hasFailed { failures += 1 }
            answered[Request.key(id: row[Request.idKey], input: input), default: 0] += 1
            start = end + 1
        }
        offset = start
        lineCount = count
        failureCount = failures
    }

    /// Whether the file has a row for the request. Each row matches one request only.
    public mutating func takes(_ request: Request) -> Bool {
        guard let count = answered[request.key], count > 0 else { return false }
        answered[request.key] = count - 1
        return true
    }
}
