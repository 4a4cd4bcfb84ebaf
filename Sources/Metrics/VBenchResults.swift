import Files
import TextFormats

/// Scores that VBench itself computed, as it writes them to `…_eval_results.json`:
/// `{dimension: [score, [{"video_path": …, "video_results": …}, …]], …}`.
public struct VBenchResults: Sendable {
    /// A dimension and its score.
    public struct Score: Sendable, Hashable {
        public var dimension: VBenchDimension
        public var score: Double
    }

    /// The file.
    public let path: String
    /// In the order of the file, at least one, each dimension once.
    public let scores: [Score]

    /// What a score of VBench may be. Leaderboards show percentages.
    private static let range = -1.0...1.0

    /// Reads a file of results.
    ///
    /// - Parameter path: `-` is standard input.
    /// - Throws: `MetricError.file`; `.vbench` for anything but scores of VBench's dimensions.
    public init(reading path: String) throws(MetricError) {
        let text = try WholeFile.text(path, failing: MetricError.file)
        let json: JSONValue
        do throws(JSONValue.ParseError) {
            json = try JSONValue(parsing: text)
        } catch {
            throw .vbench(reason: "'\(path)' is no JSON: \(error)")
        }
        try self.init(json, path: path)
    }

    private init(_ json: JSONValue, path: String) throws(MetricError) {
        guard let members = json.members, !members.isEmpty else {
            throw .vbench(
                reason: """
                    '\(path)' has no scores; VBench's …_eval_results.json is an object of dimensions
                    """)
        }
        self.path = path
        var scores: [Score] = []
        for member in members {
            // VBench's own script replaces underscores by spaces.
            let name = String(member.key.map { $0 == " " ? "_" : $0 })
            guard let dimension = VBenchDimension.named(name) else {
                throw .vbench(
                    reason: """
                        '\(path)' has '\(member.key)', which is none of VBench's \
                        \(VBenchDimension.all.count) dimensions
                        """)
            }
            guard !scores.contains(where: { $0.dimension == dimension }) else {
                throw .vbench(reason: "'\(path)' has \(name) twice")
            }
            guard let score = member.value.arrayValue?.first?.doubleValue else {
                throw .vbench(reason: "'\(path)' has no list that begins with a number for \(name)")
            }
            guard Self.range.contains(score) else {
                throw .vbench(
                    reason: """
                        '\(path)' has \(name) \(score), and VBench writes numbers up to 1, no \
                        percentages
                        """)
            }
            scores.append(Score(dimension: dimension, score: score))
        }
        self.scores = scores
    }
}
