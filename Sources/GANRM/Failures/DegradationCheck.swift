import Frames
public import JSON
public import Media
public import Reward
import Tensors

/// How often a reward model prefers the less damaged one of two versions of a clip, kind by kind.
///
/// Of each clip and kind there are three versions: coded as all are, with damage of strength 2, and of strength 4.
public struct DegradationCheck: Sendable {
    public struct Row: Sendable {
        public let kind: Degradation.Kind
        /// Whether the model's damage part has seen the kind.
        public let isShown: Bool
        /// Of the three pairs of each clip.
        public let accuracy: PairwiseAccuracy

        public var isOfMotion: Bool { Degradation.Kind.ofMotion.contains(kind) }
    }

    /// In the order of `Degradation.Kind`.
    public let rows: [Row]
    public let clipCount: Int

    private static let strengths = [2, 4]

    /// How many versions of each clip are embedded.
    public static let versionCount = 1 + strengths.count * Degradation.Kind.allCases.count

    /// A clip's versions.
    ///
    /// - Parameter seed: Which variants of the kinds.
    public static func requests(for request: Request, seed: UInt32) -> [Request] {
        guard request.failure == nil, request.degradation == nil else { return [request] }
        let kinds = Degradation.Kind.allCases.flatMap { kind in
            strengths.map { Degradation(kind: kind, strength: $0, seed: seed) }
        }
        return ([Degradation(kind: .blur, strength: 0)] + kinds).map { degradation in
            var version = request
            version.degradation = degradation
            version.extras.append(.init("degradation", degradation.json))
            return version
        }
    }

    /// - Parameter embeddings: Of what `requests` gave, by the model's encoders.
    public init(_ model: RewardModel, _ embeddings: EmbeddingSet) {
        var clean: [String: Double] = [:]
        var damaged: [String: [Degradation.Kind: [Int: Double]]] = [:]
        let scores = embeddings.vectors.isEmpty ? [] : model.scores(embeddings.tensor)
        for (row, score) in zip(embeddings.inputs, scores) {
            guard let input = row["input"]?.stringValue,
                let degradation = row["degradation"].flatMap(Degradation.init(json:)),
                let kind = degradation.kind
            else { continue }
            if degradation.strength == 0 {
                clean[input] = score.logit
            } else if row["kind"]?.stringValue != MediaKind.image.rawValue
                || !Degradation.Kind.ofMotion.contains(kind)
            {
                damaged[input, default: [:]][kind, default: [:]][degradation.strength] =
                    score.logit
            }
        }
        clipCount = clean.count
        rows = Degradation.Kind.allCases.compactMap { kind in
            var pairs: [(winner: Double, loser: Double)] = []
            for (input, clean) in clean.sorted(by: { $0.key < $1.key }) {
                let versions = Self.strengths.compactMap { damaged[input]?[kind]?[$0] }
                guard versions.count == Self.strengths.count else { continue }
                pairs += versions.map { (clean, $0) } + [(versions[0], versions[1])]
            }
            return PairwiseAccuracy(
                winners: pairs.map(\.winner), losers: pairs.map(\.loser)
            ).map { accuracy in
                Row(
                    kind: kind,
                    isShown: model.damage?.scale.kinds.contains(kind.rawValue) ?? false,
                    accuracy: accuracy)
            }
        }
    }

    /// Mean accuracy over the kinds of frames, or of motion; nil if there is none.
    public func mean(ofMotion: Bool) -> Double? {
        let some = rows.filter { $0.isOfMotion == ofMotion }.map(\.accuracy.accuracy)
        return some.isEmpty ? nil : some.reduce(0, +) / Double(some.count)
    }

    /// How it went, in a sentence.
    public var summary: String {
        func share(_ ofMotion: Bool) -> String { HeadCheck.text(mean(ofMotion: ofMotion)) }
        return """
            of pairs of versions of \(clipCount) clip\(clipCount == 1 ? "" : "s") the less damaged one has \
            the higher logit in \(share(false)) (frames) and \(share(true)) (motion); a coin has 0.50
            """
    }
}

extension DegradationCheck {
    static let header = ["damage", "to", "shown", "pairs", "right"]

    var fields: [[String]] {
        rows.sorted { $0.accuracy.accuracy < $1.accuracy.accuracy }.map { row in
            [
                row.kind.rawValue, row.isOfMotion ? "motion" : "frames", row.isShown ? "yes" : "no",
                "\(row.accuracy.count)", HeadCheck.text(row.accuracy.accuracy),
            ]
        }
    }

    /// For people: a line for each kind, what is seen least first, then the summary.
    public var table: String {
        TextTable.text([Self.header] + fields, numbers: 3...4) + "\n\(summary)"
    }

    /// An object for each kind.
    public var json: [JSONValue] {
        rows.map { row in
            .object([
                .init("damage", .string(row.kind.rawValue)),
                .init("to", .string(row.isOfMotion ? "motion" : "frames")),
                .init("shown", .bool(row.isShown)), .init("pairs", .integer(row.accuracy.count)),
                .init("right", .number(row.accuracy.accuracy)),
            ])
        }
    }
}
