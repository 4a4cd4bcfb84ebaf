/// VBench's consistency of the frames of a video.
///
/// Source: VBench, `vbench/background_consistency.py`.
enum FrameConsistency {
    /// Frames that are the same but for compression have embeddings that are nearly so: values of a frozen video are
    /// above this one, as are those of some others.
    static let frozen = 0.98

    /// The value of each frame but the first: the mean of its cosines with the previous and with the first frame, of
    /// which negative ones count as 0.
    ///
    /// - Parameter frames: Embeddings of length 1 of all frames, in order.
    static func values(of frames: [[Float]]) -> [Double] {
        guard let first = frames.first else { return [] }
        return zip(frames, frames.dropFirst()).map { previous, frame in
            (max(cosine(previous, frame), 0) + max(cosine(first, frame), 0)) / 2
        }
    }
}
