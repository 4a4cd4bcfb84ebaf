import JSON
import Media
import Reward

/// Makes degraded copies of the samples of a training, as negatives: a head that has only seen what is good
/// and what is generated knows no damage.
///
/// Each copy of a sample has another kind of damage and a strength of its own; both sides are copied, so
/// that damage is no sign of either class.
public struct Perturbation: Sendable, Hashable {
    /// Copies of each sample, at most one per kind.
    public var copyCount: Int
    /// Filters as after `ffmpeg -vf`, each of which gives every sample one more copy.
    public var filters: [String]
    /// Whether every other copy is degraded in how its frames follow each other, rather than in each of them.
    public var degradesMotion: Bool
    public var seed: UInt64

    public static let copyCounts = 0...Degradation.Kind.ofFrames.count

    public init(
        copyCount: Int, filters: [String] = [], degradesMotion: Bool = false, seed: UInt64 = 0
    ) {
        self.copyCount = copyCount
        self.filters = filters
        self.degradesMotion = degradesMotion
        self.seed = seed
    }

    /// A sample's request, with a group, and those of its copies: `perturbed`, of the same group, with the keys
    /// `of` (the original's input), `kind_of_damage`, `strength` and `degradation`; if the original has a label,
    /// theirs is `share(ofStrength:)` of it.
    ///
    /// What cannot be read, is a degraded copy already or is to be degraded comes alone and unchanged.
    public func requests(for request: Request) -> [Request] {
        let keys = JSONValue.object(request.extras)
        guard copiesPerSample > 0, request.failure == nil, request.degradation == nil,
            keys["perturbed"] != .bool(true)
        else { return [request] }
        var original = request
        if keys["group"] == nil {
            original.extras.append(.init("group", .string(request.input)))
        }
        var generator = RandomGenerator(
            seed: seed ^ Self.hash(Self.name(of: request.input)), stream: .perturbation)
        var kinds = Degradation.Kind.ofFrames
        generator.shuffle(&kinds)
        if degradesMotion {
            var others = Degradation.Kind.ofMotion
            generator.shuffle(&others)
            kinds = zip(others, kinds).flatMap { [$0, $1] } + kinds.dropFirst(others.count)
        }
        let copies = kinds.prefix(copyCount).map { kind in
            let degradation = Degradation(
                kind: kind, strength: 1 + generator.below(Degradation.strengths.count),
                seed: UInt32(generator.below(100_000)))
            return copy(of: original, by: degradation)
        }
        let own = filters.map { copy(of: original, by: Degradation(filters: $0)) }
        return [original] + copies + own
    }

    /// Refuses filters that FFmpeg does not know, in its words.
    public func checkFilters() throws {
        for filters in filters { try Degradation(filters: filters).treatment.check() }
    }

    /// How many copies each sample gets.
    public var copiesPerSample: Int { copyCount + filters.count }

    /// How much of its original's label a copy has.
    public static func share(ofStrength strength: Int) -> Double {
        1 - Double(strength) / Double(Degradation.strengths.upperBound)
    }

    private func copy(of original: Request, by degradation: Degradation) -> Request {
        var own: [JSONValue.Member] = [
            .init("perturbed", .bool(true)), .init("of", .string(original.input)),
            .init("kind_of_damage", .string(degradation.name)),
            .init("strength", .integer(degradation.strength)),
            .init("degradation", degradation.json),
        ]
        if let label = JSONValue.object(original.extras)["label"]?.doubleValue {
            own.append(
                .init("label", .number(label * Self.share(ofStrength: degradation.strength))))
        }
        let names = Set(own.map(\.key))
        var copy = original
        copy.extras.removeAll { names.contains($0.key) }
        copy.extras += own
        copy.degradation = degradation
        return copy
    }

    /// The file's name: the same clips in another folder get the same damage.
    private static func name(of input: String) -> Substring {
        input.split(separator: "/").last ?? input[...]
    }

    /// FNV-1a: the same damage for the same input, wherever it stands in a list.
    private static func hash(_ text: Substring) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
