import Files
import Foundation
import Scoring
import TextFormats

/// Merges the outputs of `score --shard I/N` into the output of a single run.
///
/// Lines are parsed, so other programs may have rewritten them: with other spaces, escapes and orders
/// of keys. The files are memory-mapped; only the byte ranges of their lines are kept in memory.
public struct ShardMerge {
    /// A line of a shard's output.
    private struct Line {
        /// Position of the input.
        let position: Int
        /// Position among the rows of a tar archive, and their number; 0 and 1 for any other input.
        let member: Int
        let memberCount: Int
        /// Index of the file.
        let part: Int
        /// Byte range in the file.
        let range: Range<Int>
        /// Line number, from 1.
        let number: Int
    }

    private let paths: [String]
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
            try TextLine.forEach(of: data) { (line, range) throws(PipelineError) in
                if line.isBlank { return }
                let number = line.number
                let row: ScoreRow
                do throws(PipelineError) {
                    row = try ScoreRow(parsing: line.text, path: path, line: number)
                } catch {
                    throw line.isComplete
                        ? error
                        : .shards(
                            "\(path):\(number): the last line is torn; finish the shard with --resume"
                        )
                }
                guard line.isUTF8 else {
                    throw .notAResultLine(path: path, line: number, reason: "it is not UTF-8")
                }
                guard let position = row.position, position >= 0 else {
                    throw .shards("\(path):\(number): no position; was it made with --shard?")
                }
                if let total = row.total { totals.insert(total) }
                if let difference = signatures.difference(of: row) {
                    throw .shards("\(path):\(number): \(difference)")
                }
                lines.append(
                    Line(
                        position: position, member: row.memberPosition ?? 0,
                        memberCount: row.memberTotal ?? 1, part: part, range: range, number: number)
                )
            }
        }
        guard !lines.isEmpty else {
            throw .shards("there are no rows in \(paths.map { "'\($0)'" }.joined(separator: ", "))")
        }
        lines.sort {
            ($0.position, $0.member, $0.part, $0.number) < (
                $1.position, $1.member, $1.part, $1.number
            )
        }
        let inputCount = try Self.checkOrder(lines, of: paths)
        if totals.count > 1 {
            throw .shards("the parts come from lists of different lengths: \(totals.sorted())")
        }
        if let total = totals.first, total != inputCount {
            throw .shards("\(inputCount) of \(total) inputs are there; is a shard unfinished?")
        }
        self.paths = paths
        self.parts = parts
        self.lines = lines
    }

    /// Checks that sorted lines have each input once, and each member of an archive.
    ///
    /// - Returns: The number of inputs.
    private static func checkOrder(
        _ lines: [Line], of paths: [String]
    ) throws(PipelineError) -> Int {
        // The input and the member that the next line is to have.
        var (position, member) = (0, 0)
        for line in lines {
            if (line.position, line.member) < (position, member) {
                throw .shards(
                    "\(paths[line.part]):\(line.number): input \(line.position) comes twice")
            }
            if line.position > position {
                throw .shards(
                    member > 0
                        ? "input \(position) ends after \(member) of its members; is a shard unfinished?"
                        : "input \(position) is in no part; is a shard missing or unfinished?")
            }
            if line.member > member {
                throw .shards(
                    "member \(member) of input \(position) is in no part; is a shard unfinished?")
            }
            member += 1
            if member >= line.memberCount { (position, member) = (position + 1, 0) }
        }
        if member > 0 {
            throw .shards(
                "input \(position) ends after \(member) of its members; is a shard unfinished?")
        }
        return position
    }

    /// Calls `body` with each row in the order of the inputs, without `position` and `total`, as a
    /// single run would have written it.
    ///
    /// - Throws: `PipelineError.notAResultLine` for a file that was changed meanwhile, and what `body`
    ///   throws.
    public func forEachLine(_ body: (String) throws -> Void) throws {
        for line in lines {
            var row: ScoreRow?
            TextLine.forEach(of: parts[line.part][line.range]) { text, _ in
                row = try? ScoreRow(parsing: text.text)
            }
            guard var row else {
                throw PipelineError.notAResultLine(path: paths[line.part], line: line.number)
            }
            row.position = nil
            row.total = nil
            row.memberPosition = nil
            row.memberTotal = nil
            try body(row.description)
        }
    }
}
