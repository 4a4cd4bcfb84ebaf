/// Why a clip shows nothing: what a generator leaves behind whose run failed.
///
/// Told by pixels alone, before any network sees them. The raw values are those of the key `degenerate` in
/// result rows.
public enum Degeneracy: String, Sendable, Hashable, Codable, CaseIterable {
    /// Frames of a single colour: a safety checker's black picture, a broken decoder's green.
    case oneColour = "one colour"
    /// Next to no contrast, or a gradient, or a blur without content.
    case noDetail = "no detail"
    /// Stripes, checks, colour bars, rings: regular, and nothing besides.
    case pattern
    /// Noise, of pixels or of blocks of them, and nothing besides.
    case noise
    /// One frame, repeated in what should be a video.
    case frozen

    /// Raised when other clips are found degenerate than before.
    public static let revision = 1
}

/// Why a whole shows nothing, by its parts: frames of a clip, or clips of a video, however many.
public struct DegeneracyPooling: Sendable, Hashable {
    private var counts: [Degeneracy: Int] = [:]
    private var count = 0

    public init(_ parts: some Sequence<Degeneracy?> = []) {
        for part in parts { add(part) }
    }

    public mutating func add(_ part: Degeneracy?) {
        count += 1
        if let part { counts[part, default: 0] += 1 }
    }

    /// The reason that most parts have, if at least half of all have one; of equally frequent reasons the one
    /// that comes first in `Degeneracy`.
    public var degeneracy: Degeneracy? {
        let found = counts.values.reduce(0, +)
        guard found > 0, 2 * found >= count else { return nil }
        let largest = counts.values.max()
        return Degeneracy.allCases.first { counts[$0] == largest }
    }
}

extension Clip {
    /// Why the clip shows nothing; nil if it shows something.
    ///
    /// A clip is degenerate if at least half of its frames are, or if it has several frames that are all
    /// the same.
    public var degeneracy: Degeneracy? {
        var known: [Int: FrameStatistics] = [:]
        let statistics = zip(indices, frames).map { index, pixels in
            let found = known[index] ?? FrameStatistics(pixels)
            known[index] = found
            return found
        }
        if let reason = DegeneracyPooling(statistics.map(\.degeneracy)).degeneracy { return reason }
        guard known.count > 1 else { return nil }
        let isFrozen = zip(statistics, statistics.dropFirst()).allSatisfy {
            $0.difference(from: $1) < FrameStatistics.stillDifference
        }
        return isFrozen ? .frozen : nil
    }
}
