import JSON

/// The score curves of a file of rows.
public struct ScoreCurves: Sendable {
    /// What became of an input.
    public enum Entry: Sendable {
        case curve(ScoreCurve)
        case failure(ScoreTable.Failure)
    }

    /// In the order in which the file names them first.
    public let entries: [Entry]

    /// An input whose rows are being read.
    private struct Pending {
        let input: String
        var clips: [JSONValue] = []
        var isWhole = false
        var duration: Double?
        var provenance: [JSONValue.Member] = []
        var problem: String?

        var entry: Entry {
            var reason = problem
            if reason == nil {
                do throws(ScoreCurve.Refusal) {
                    return .curve(
                        try ScoreCurve(
                            input: input, clips: clips, duration: duration, provenance: provenance))
                } catch {
                    reason = "'\(input)' has no score curve: \(error.reason)"
                }
            }
            return .failure(.init(input: input, reason: reason ?? ""))
        }

        mutating func add(_ row: JSONValue) {
            guard problem == nil, !isWhole else { return }
            if let error = row["error"]?.stringValue {
                problem = error
                return
            }
            if row["kind"]?.stringValue == "image" {
                problem = "'\(input)' is a picture, which has no score curve"
                return
            }
            if row["sampling"]?["kind"]?.stringValue == "uniform" {
                problem =
                    "'\(input)' was scored as a whole; give ganrm score --sampling window or --clip-rate"
                return
            }
            if let clips = row["clips"]?.arrayValue {
                self.clips = clips
                isWhole = true
            } else {
                clips.append(row)
            }
            duration = row["duration"]?.doubleValue
            if provenance.isEmpty {
                provenance = ["model", "precision", "sampling", "version"].compactMap { key in
                    row[key].map { JSONValue.Member(key, $0) }
                }
            }
        }
    }

    /// Reads rows of `ganrm score`, of whole inputs or of single clips.
    ///
    /// - Parameter path: JSON lines; `-` is standard input.
    /// - Throws: What `ScoreTable` throws for lines that are no rows, or of several models.
    public init(reading path: String) throws(GANRMError) {
        var pending: [Pending] = []
        var places: [String: Int] = [:]
        _ = try ScoreTable(path: path, takesClips: true) { (row) throws(GANRMError) in
            guard let input = row["input"]?.stringValue else { return }
            let place = places[input] ?? pending.count
            if place == pending.count {
                places[input] = place
                pending.append(Pending(input: input))
            }
            pending[place].add(row)
        }
        entries = pending.map(\.entry)
    }
}
