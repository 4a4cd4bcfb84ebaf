import Foundation
import JSON

/// Joins the outputs of `score --shard I/N` into what one run would have written.
///
/// The parts stay mapped; only the places of their lines are kept in memory.
public struct ShardMerge {
    /// A line of a part: its input's position, and where it stands.
    private struct Place {
        let position: Int
        let part: Int
        let range: Range<Int>
        let line: Int
    }

    private let parts: [Data]
    private let places: [Place]

    /// Reads and checks the parts, in any order.
    ///
    /// - Throws: `GANRMError.shards` if an input is missing or comes twice, or the parts were made
    ///   by different models or from different lists; `.notAResultLine` with file and line.
    public init(_ paths: [String]) throws(GANRMError) {
        var parts: [Data] = []
        var places: [Place] = []
        var signatures: [String: String] = [:]
        var totals: Set<Int> = []
        for (part, path) in paths.enumerated() {
            let data: Data
            do {
                data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
            } catch {
                throw .unreadable(path: path, reason: error.localizedDescription)
            }
            parts.append(data)
            var start = data.startIndex
            var line = 0
            while start < data.endIndex {
                line += 1
                guard let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) else {
                    throw .shards(
                        "\(path):\(line): the last line is torn; finish the shard with --resume")
                }
                let text = String(decoding: data[start..<end], as: UTF8.self)
                guard let row = try? JSONValue(parsing: text) else {
                    throw .notAResultLine(path: path, line: line)
                }
                guard let position = row["position"]?.integerValue, position >= 0 else {
                    throw .shards("\(path):\(line): no position; was it made with --shard?")
                }
                if let total = row["total"]?.integerValue { totals.insert(total) }
                if let signature = Provenance.signature(of: row) {
                    let kind = row["kind"]?.stringValue ?? ""
                    if let first = signatures[kind], first != signature {
                        throw .shards(
                            "\(path):\(line): made by \(signature), other lines by \(first)")
                    }
                    signatures[kind] = signature
                }
                places.append(
                    Place(position: position, part: part, range: start..<end, line: line))
                start = end + 1
            }
        }
        places.sort { ($0.position, $0.part, $0.line) < ($1.position, $1.part, $1.line) }
        for (expected, place) in places.enumerated() where place.position != expected {
            throw .shards(
                place.position < expected
                    ? "\(paths[place.part]):\(place.line): input \(place.position) comes twice"
                    : "input \(expected) is in no part; is a shard missing or unfinished?")
        }
        if totals.count > 1 {
            throw .shards("the parts come from lists of different lengths: \(totals.sorted())")
        }
        if let total = totals.first, total != places.count {
            throw .shards("\(places.count) of \(total) inputs are there; is a shard unfinished?")
        }
        self.parts = parts
        self.places = places
    }

    /// Gives the rows in the order of the inputs, without `position` and `total`.
    public func forEachLine(_ body: (String) throws -> Void) rethrows {
        for place in places {
            let line = String(decoding: parts[place.part][place.range], as: UTF8.self)
            // They are the last keys of a row, as `ResultRow` writes it.
            guard let ending = line.range(of: ",\"position\":", options: .backwards) else {
                continue
            }
            try body(line[..<ending.lowerBound] + "}")
        }
    }
}
