import Pipeline

/// A metric of a video by itself that reads its frames as they are.
protocol WholeFrameMetric {
    /// Name and fingerprint of the encoder; nil if there is none.
    var label: String? { get }

    /// A value for each pair of neighbouring frames; none for a picture and for a video of one frame.
    func values(
        of request: Request
    ) throws(InputFailure) -> (values: [Double], facts: WholeFrames.Facts)
}
