import Reward
public import Statistics

/// Segments a score curve and selects the segments to report.
public struct SegmentSelection: Sendable, Hashable {
    /// Minimum length of a segment in seconds, above 0.
    public var minimumLength: Double
    /// Penalty for each additional segment; nil uses `LevelSegmentation.defaultPenalty`.
    public var penalty: Double?
    /// Maximum number of segments above the curve's mean.
    public var best: Int
    /// Maximum number of segments below the curve's mean.
    public var worst: Int
    /// Number of worst segments to drop. If set, everything else is selected instead of `best` and
    /// `worst`.
    public var drop: Int?
    /// Minimum score of best and kept segments. Segments with at least half of their clips excluded
    /// are never best or kept.
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

    /// The segmentation for a curve.
    public func segmentation(of curve: ScoreCurve) -> LevelSegmentation {
        LevelSegmentation(
            penalty: penalty
                ?? LevelSegmentation.defaultPenalty(
                    values: curve.logits, edges: curve.edges, minimumLength: minimumLength),
            minimumLength: minimumLength)
    }

    /// The selected segments: the best ones in descending order of score, then the worst in
    /// ascending order, ties in order of time; or the kept ones in order of time. Segments do not
    /// overlap.
    public func segments(
        of curve: ScoreCurve, by segmentation: LevelSegmentation
    ) -> [Segment] {
        // Rows have rounded times, so a length may be less than the minimum by a microsecond.
        var tolerant = segmentation
        tolerant.minimumLength -= min(1e-6, segmentation.minimumLength / 2)
        let pieces = tolerant.pieces(values: curve.logits, edges: curve.edges)
        let ranked = pieces.map { (clips: $0, logit: curve.mean(of: $0)) }
        // With a single piece, its mean differs from the curve's by rounding only.
        func isLow(_ logit: Double) -> Bool { pieces.count > 1 && logit < curve.logit }
        // The sort is stable, which keeps ties in order of time.
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

    /// Joins adjacent ranges of an ascending sequence.
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
