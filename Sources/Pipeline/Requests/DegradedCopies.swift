import Files
import Media
import Statistics

/// Adds degraded copies of a training's samples as negatives, because proxy and generated samples
/// alone do not teach a head to recognise damage.
///
/// The copies of a sample differ in their kind of degradation; the strengths are random. Both sides
/// are copied, so that damage does not indicate a class.
public struct DegradedCopies: Sendable, Hashable {
    /// Random copies per sample, each of another kind of degradation.
    public var copyCount: Int
    /// FFmpeg filters as after `ffmpeg -vf`; each adds one more copy of every sample.
    public var filters: [String]
    /// Whether every other copy gets a degradation of motion, until each of these has been used.
    public var degradesMotion: Bool
    public var seed: UInt64

    /// The range of `copyCount`.
    public static let copyCounts = 0...Degradation.Kind.spatial.count

    public init(
        copyCount: Int = 0, filters: [String] = [], degradesMotion: Bool = false, seed: UInt64 = 0
    ) {
        self.copyCount = copyCount
        self.filters = filters
        self.degradesMotion = degradesMotion
        self.seed = seed
    }

    /// A sample's request, with a group, followed by the requests of its copies.
    ///
    /// Copies are in the same group and are annotated with their original's input and their
    /// degradation; see `SampleAnnotations`. If the original has a label, theirs is that label
    /// times `share(ofStrength:)`.
    ///
    /// - Returns: Only the unchanged request if it has failed, is a degraded copy, or has a
    ///   degradation.
    public func requests(for request: Request) -> [Request] {
        let annotations = request.annotations
        guard copiesPerSample > 0, request.failure == nil, request.degradation == nil,
            !annotations.isDegraded
        else { return [request] }
        var original = request
        if annotations.group == nil { original.annotate(.init(group: request.input)) }
        var generator = RandomGenerator(
            seed: seed ^ Self.hash(Self.name(of: request.input)), stream: .degradation)
        var kinds = Degradation.Kind.spatial
        generator.shuffle(&kinds)
        if degradesMotion {
            var motionKinds = Degradation.Kind.temporal
            generator.shuffle(&motionKinds)
            kinds =
                zip(motionKinds, kinds).flatMap { [$0, $1] } + kinds.dropFirst(motionKinds.count)
        }
        let copies = kinds.prefix(copyCount).map { kind in
            let degradation = Degradation(
                kind: kind, strength: 1 + generator.below(Degradation.strengths.count),
                seed: UInt32(generator.below(100_000)))
            return copy(of: original, by: degradation)
        }
        let filtered = filters.map { copy(of: original, by: Degradation(filters: $0)) }
        return [original] + copies + filtered
    }

    /// Checks that FFmpeg accepts the filters.
    ///
    /// - Throws: `MediaError.filtering` with FFmpeg's message.
    public func checkFilters() throws {
        for filters in filters { try Degradation(filters: filters).filtering.check() }
    }

    /// Number of copies per sample, including those of `filters`.
    public var copiesPerSample: Int { copyCount + filters.count }

    /// The factor of the original's label for a copy: 1 − strength / maximum strength.
    public static func share(ofStrength strength: Int) -> Double {
        1 - Double(strength) / Double(Degradation.strengths.upperBound)
    }

    private func copy(of original: Request, by degradation: Degradation) -> Request {
        var copy = original
        copy.annotate(
            SampleAnnotations(
                isDegraded: true, original: original.input, degradationKind: degradation.name,
                strength: degradation.strength, degradation: degradation,
                label: original.annotations.label.map {
                    $0 * Self.share(ofStrength: degradation.strength)
                }))
        copy.degradation = degradation
        return copy
    }

    /// The file name without its folder, so that a moved clip gets the same degradations.
    private static func name(of input: String) -> String {
        PathName.last(of: TarMember.innerPath(of: input))
    }

    /// FNV-1a hash, which makes the degradations of an input independent of its position in a list.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
