import Files
import Foundation
import Scoring

/// Merges the outputs of `score --shard I/N` into the output of a single run.
///
/// The files are memory-mapped; only the byte ranges of their lines are kept in memory.
public struct ShardMerge {
    /// A line of a shard's output.
    private struct Line {
        /// Position of the input.
        let position: Int
        /// Index of the file.
        let part: Int
        /// Byte range in the file, without the newline.
        let range: Range<Int>
        /// Line number, from 1.
        let number: Int
    }

    private let parts: [Data]
    private let lines: [Line]

    /// Reads and checks the outputs, in any order.
    ///
    /// - Throws: `PipelineError.shards` if an input is missing or repeated, or if the outputs are of
    ///   different models or lists; `.notAResultLine` with file and line; `.file`.
    public init(_ paths: [String]) throws(PipelineError) {
        var parts: [Data] = []
        var lines: [Line] = []
        var signatures = RowSignatures()
        var totals: Set<Int> = []
        for (part, path) in paths.enumerated() {
            let data = try WholeFile.data(path, failing: PipelineError.file)
            parts.append(data)
            var start = data.startIndex
            var number = 0
            while start < data.endIndex {
                number += 1
                guard let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) else {
                    throw .shards(
                        "\(path):\(number): the last line is torn; finish the shard with --resume")
                }
                let text = String(decoding: data[start..<end], as: UTF8.self)
                guard let row = try? ScoreRow(parsing: text) else {
                    throw .notAResultLine(path: path, line: number)
                }
                guard let position = row.position, position >= 0 else {
                    throw .shards("\(path):\(number): no position; was it made with --shard?")
                }
                if let total = row.total { totals.insert(total) }
                if let difference = signatures.difference(of: row) {
                    throw .shards("\(path):\(number): \(difference)")
                }
                lines.append(
                    Line(position: position, part: part, range: start..<end, number: number))
                start = end + 1
            }
        }
        lines.sort { ($0.position, $0.part, $0.number) < ($1.position, $1.part, $1.number) }
        for (expected, line) in lines.enumerated() where line.position != expected {
            throw .shards(
                line.position < expected
                    ? "\(paths[line.part]):\(line.number): input \(line.position) comes twice"
                    : "input \(expected) is in no part; is a shard missing or unfinished?")
        }
        if totals.count > 1 {
            throw .shards("the parts come from lists of different lengths: \(totals.sorted())")
        }
        if let total = totals.first, total != lines.count {
            throw .shards("\(lines.count) of \(total) inputs are there; is a shard unfinished?")
        }
        self.parts = parts
        self.lines = lines
    }

    /// Calls `body` with each row in the order of the inputs, without `position` and `total`.
    public func forEachLine(_ body: (String) throws -> Void) rethrows {
        for line in lines {
            let text = String(decoding: parts[line.part][line.range], as: UTF8.self)
            // These are the last keys of a row.
            guard
                let ending = text.range(
                    of: ",\"\(ScoreRow.Key.position.rawValue)\":", options: .backwards)
            else { continue }
            try body(text[..<ending.lowerBound] + "}")
        }
    }
}
