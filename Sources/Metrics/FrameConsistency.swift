/// VBench's consistency of the frames of a video, from their embeddings in order.
///
/// Source: VBench, `vbench/background_consistency.py`, `vbench/subject_consistency.py`.
struct FrameConsistency {
    /// Frames that are the same but for compression have embeddings that are nearly so: values of a frozen video are
    /// above this one, as are those of some others.
    static let frozen = 0.98

    /// The value of each frame but the first: the mean of its cosines with the previous and with the first frame, of
    /// which negative ones count as 0.
    private(set) var values: [Double] = []
    private var first: [Float]?
    private var previous: [Float]?

    /// - Parameter embedding: Of length 1.
    mutating func add(_ embedding: [Float]) {
        if let first, let previous {
            values.append(
                (max(cosine(previous, embedding), 0) + max(cosine(first, embedding), 0)) / 2)
        }
        first = first ?? embedding
        previous = embedding
    }
}
