public import Reward

/// Which stretches of a curve are told of.
public struct SegmentSelection: Sendable, Hashable {
    /// Length of the shortest stretch, in seconds, above 0.
    public var minimumLength: Double
    /// What one more stretch must gain; nil: `LevelSegmentation.usualPenalty`.
    public var penalty: Double?
    /// Most stretches above the curve's mean, and below it.
    public var best: Int
    public var worst: Int
    /// Instead of these: everything but so many of the worst.
    public var drop: Int?
    /// Least score of what is best or kept. A stretch of which half of the clips are excluded is neither.
    public var minScore: Double

    public init(
        minimumLength: Double, penalty: Double? = nil, best: Int, worst: Int, drop: Int? = nil,
        minScore: Double = 0
    ) {
        self.minimumLength = minimumLength
        self.penalty = penalty
        self.best = best
        self.worst = worst
        self.drop = drop
        self.minScore = minScore
    }

    /// How a curve is cut.
    public func segmentation(of curve: ScoreCurve) -> LevelSegmentation {
        LevelSegmentation(
            penalty: penalty
                ?? LevelSegmentation.usualPenalty(
                    values: curve.logits, edges: curve.edges, minimumLength: minimumLength),
            minimumLength: minimumLength)
    }

    /// The stretches, the best ones first, then the worst; equal ones in order of time. None share a clip.
    public func segments(
        of curve: ScoreCurve, by segmentation: LevelSegmentation
    ) -> [Segment] {
        // Times are rounded where they are made: less than a microsecond makes no length.
        var tolerant = segmentation
        tolerant.minimumLength -= min(1e-6, segmentation.minimumLength / 2)
        let pieces = tolerant.pieces(values: curve.logits, edges: curve.edges)
        let ranked = pieces.map { (clips: $0, logit: curve.mean(of: $0)) }
        // A curve of one piece lies at its own mean, give or take rounding.
        func isLow(_ logit: Double) -> Bool { pieces.count > 1 && logit < curve.logit }
        // Sorting is stable.
        let worst = ranked.filter { isLow($0.logit) }.sorted { $0.logit < $1.logit }.map(\.clips)
        func isGood(_ clips: Range<Int>) -> Bool {
            Score(logit: curve.mean(of: clips)).value >= minScore
                && 2 * curve.isExcluded[clips].count(where: \.self) < clips.count
        }
        if let drop {
            let dropped = Set(worst.prefix(drop))
            let kept = pieces.filter { !dropped.contains($0) && isGood($0) }
            return segments(.kept, Self.joined(kept), of: curve)
        }
        let best = ranked.filter { !isLow($0.logit) }.sorted { $0.logit > $1.logit }
            .map(\.clips).filter(isGood)
        return segments(.best, best.prefix(self.best), of: curve)
            + segments(.worst, worst.prefix(self.worst), of: curve)
    }

    private func segments(
        _ kind: Segment.Kind, _ pieces: some Sequence<Range<Int>>, of curve: ScoreCurve
    ) -> [Segment] {
        pieces.enumerated().map { index, clips in
            Segment(
                kind: kind, rank: index + 1, time: curve.time(of: clips),
                score: Score(logit: curve.mean(of: clips)), clipCount: clips.count)
        }
    }

    /// Ascending ranges, those that touch made one.
    private static func joined(_ pieces: [Range<Int>]) -> [Range<Int>] {
        var joined: [Range<Int>] = []
        for piece in pieces {
            if let last = joined.last, last.upperBound == piece.lowerBound {
                joined[joined.count - 1] = last.lowerBound..<piece.upperBound
            } else {
                joined.append(piece)
            }
        }
        return joined
    }
}
