import Foundation
import JSON

/// The finished lines of an interrupted output file, and where to go on writing.
public struct ResumedOutput: Sendable {
    /// Bytes up to the end of the last whole line.
    public let offset: Int
    /// Whole lines, failures among them.
    public let lineCount: Int
    /// Lines that say why there is no score; they are not tried again.
    public let failureCount: Int
    /// How often each request was answered.
    private var answered: [String: Int] = [:]

    /// Reads what an interrupted `score -o` left: whole lines are kept, a torn last one is not.
    ///
    /// - Parameter model: The model object that new rows would carry, per kind of input.
    /// - Throws: `GANRMError.outputOfAnotherModel` if a row was made by another model, precision
    ///   or version; `.notAResultLine` for a file that `score` did not write.
    public init(path: String, expecting provenance: Provenance) throws(GANRMError) {
        guard FileManager.default.fileExists(atPath: path) else {
            offset = 0
            lineCount = 0
            failureCount = 0
            return
        }
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        } catch {
            throw .unreadable(path: path, reason: error.localizedDescription)
        }
        var start = data.startIndex
        var count = 0
        var failures = 0
        while let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) {
            count += 1
            let line = String(decoding: data[start..<end], as: UTF8.self)
            guard let row = try? JSONValue(parsing: line), row["input"]?.stringValue != nil else {
                throw .notAResultLine(path: path, line: count)
            }
            if let made = Provenance.signature(of: row), made != provenance.signature(like: row) {
                throw .outputOfAnotherModel(
                    path: path, line: count, expected: provenance.signature(like: row),
                    found: made)
            }
            if row["error"] != nil { failures += 1 }
            answered[Self.key(of: row), default: 0] += 1
            start = end + 1
        }
        offset = start
        lineCount = count
        failureCount = failures
    }

    /// Whether the request was answered already; each line in the file counts for one request.
    public mutating func takes(_ request: Request) -> Bool {
        guard let count = answered[request.key], count > 0 else { return false }
        answered[request.key] = count - 1
        return true
    }

    /// The same as `Request.key` of the request that was answered with this row.
    private static func key(of row: JSONValue) -> String {
        row["id"].map { "id:\($0)" } ?? "input:\(row["input"]?.stringValue ?? "")"
    }
}
