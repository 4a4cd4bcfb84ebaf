/// Pools the scores of a video's clips into the video's score, in constant memory.
public struct Pooling: Sendable {
    private var memberSums: [Double] = []
    private var distanceSum: Double?
    private var penaltySum: Double?
    private var count = 0

    public init(_ clips: [Score] = []) {
        for clip in clips { add(clip) }
    }

    public mutating func add(_ clip: Score) {
        if count == 0 {
            memberSums = clip.memberLogits.map { _ in 0 }
            distanceSum = 0
            penaltySum = 0
        }
        for member in memberSums.indices { memberSums[member] += clip.memberLogits[member] }
        distanceSum = distanceSum.flatMap { sum in clip.distance.map { sum + $0 } }
        penaltySum = penaltySum.flatMap { sum in clip.degradationPenalty.map { sum + $0 } }
        count += 1
    }

    /// Means of the clips' logits per head, distances and degradation penalties; nil without clips.
    ///
    /// Logits are averaged, not scores, because saturated scores do not distinguish good inputs.
    public var score: Score? {
        count == 0
            ? nil
            : Score(
                memberLogits: memberSums.map { $0 / Double(count) },
                distance: distanceSum.map { $0 / Double(count) },
                degradationPenalty: penaltySum.map { $0 / Double(count) })
    }
}
