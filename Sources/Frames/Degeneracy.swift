/// The reason why a clip has no content, as the output of a failed generation has none.
///
/// Detected from the pixels alone, without an encoder. The raw values are those of the key
/// `degenerate` in result rows.
public enum Degeneracy: String, Sendable, Hashable, Codable, CaseIterable {
    /// Frames of a single colour: a safety checker's black image, a broken decoder's green one.
    case oneColour = "one colour"
    /// Almost no contrast, a gradient, or a blur without content.
    case noDetail = "no detail"
    /// Only a regular pattern: stripes, checks, colour bars, rings.
    case pattern
    /// Only noise, of single pixels or of blocks.
    case noise
    /// A video that repeats a single frame.
    case frozen

    /// Version of the detection; increment it when other clips are found degenerate than before.
    public static let revision = 1
}

/// Pools the degeneracy of any number of parts: the frames of a clip, or the clips of a video.
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

    /// The most frequent reason, if at least half of the parts have one. Of equally frequent
    /// reasons, the one that comes first in `Degeneracy`.
    public var degeneracy: Degeneracy? {
        let found = counts.values.reduce(0, +)
        guard found > 0, 2 * found >= count else { return nil }
        let largest = counts.values.max()
        return Degeneracy.allCases.first { counts[$0] == largest }
    }
}

extension Clip {
    /// The reason why the clip has no content; nil if it has content.
    ///
    /// A clip is degenerate if at least half of its frames are, or if it has several frames that
    /// are all the same.
    ///
    /// - Parameter filter: The filter that resized the frames, which determines the type of their
    ///   values.
    public func degeneracy(resizedBy filter: Resampling.Filter) -> Degeneracy? {
        var known: [Int: FrameStatistics] = [:]
        let statistics = zip(indices, frames).map { index, pixels in
            let found = known[index] ?? FrameStatistics(pixels, resizedBy: filter)
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
