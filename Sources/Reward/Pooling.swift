/// How the scores of a video's clips become the video's, however many there are.
public struct Pooling: Sendable {
    private var memberSums: [Double] = []
    private var count = 0

    /// Begins with these scores.
    public init(_ clips: [Score] = []) {
        for clip in clips { add(clip) }
    }

    public mutating func add(_ clip: Score) {
        if count == 0 { memberSums = clip.memberLogits.map { _ in 0 } }
        for member in memberSums.indices { memberSums[member] += clip.memberLogits[member] }
        count += 1
    }

    /// The mean of the clips' logits, head by head; nil if there is no clip.
    ///
    /// Logits rather than scores: a mean of saturated scores would no longer tell good from better.
    public var score: Score? {
        count == 0 ? nil : Score(memberLogits: memberSums.map { $0 / Double(count) })
    }
}
