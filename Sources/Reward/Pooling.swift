/// How the scores of a video's clips become the video's.
public enum Pooling {
    /// The mean of the clips' logits, head by head; nil if there is no clip.
    ///
    /// Logits rather than scores: a mean of saturated scores would no longer tell good from better.
    public static func pool(_ clips: [Score]) -> Score? {
        guard let first = clips.first else { return nil }
        return Score(
            memberLogits: first.memberLogits.indices.map { member in
                clips.reduce(0) { $0 + $1.memberLogits[member] } / Double(clips.count)
            })
    }
}
