import Frames
import OrderedCollections
public import Pipeline
import Scoring
import TextFormats

/// The score curves of the inputs in a file of rows.
public struct ScoreCurves: Sendable {
    /// The result of one input.
    public enum Entry: Sendable {
        case curve(ScoreCurve)
        case failure(ScoreTable.Failure)
    }

    /// One entry per input, in the order of first rows.
    public let entries: [Entry]

    /// An input whose rows are being read.
    private struct Pending {
        let input: String
        var clips: [ScoreRow] = []
        /// Whether a row of the whole input was read.
        var isWhole = false
        var duration: Double?
        var provenance: [JSONValue.Member] = []
        var problem: String?

        var entry: Entry {
            if let problem { return .failure(.init(input: input, reason: problem)) }
            do throws(ScoreCurve.RowError) {
                return .curve(
                    try ScoreCurve(
                        input: input, clips: clips, duration: duration, provenance: provenance))
            } catch {
                return .failure(
                    .init(input: input, reason: "'\(input)' has no score curve: \(error.reason)"))
            }
        }

        mutating func add(_ row: ScoreRow) {
            guard problem == nil, !isWhole else { return }
            if let failure = row.failure {
                problem = failure
                return
            }
            if row.kind == .image {
                problem = "'\(input)' is an image, which has no score curve"
                return
            }
            if row.isSampledUniformly {
                problem =
                    "'\(input)' was scored as a whole; give ganrm score --sampling window or --clip-rate"
                return
            }
            if let clips = row.clips {
                self.clips = clips
                isWhole = true
            } else {
                clips.append(row)
            }
            duration = row.duration
            if provenance.isEmpty { provenance = row.provenance }
        }
    }

    /// Reads rows of `ganrm score`, of whole inputs or of single clips.
    ///
    /// - Parameter path: JSON lines; `-` is standard input.
    /// - Throws: The errors of `ScoreTable` for lines that are not rows, or rows of several models.
    public init(reading path: String) throws {
        var pending: OrderedDictionary<ByteString, Pending> = [:]
        _ = try ScoreTable(path: path, acceptsClipRows: true) { row in
            guard let input = row.input else { return }
            pending[ByteString(input), default: Pending(input: input)].add(row)
        }
        entries = pending.values.map(\.entry)
    }
}
