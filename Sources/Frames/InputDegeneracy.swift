/// Collects the frames of an input one by one and tells why it has no content, in constant memory.
///
/// An input is degenerate if at least half of its frames are. It is frozen if it has several frames of which none
/// differs from the first: neighbours may be alike in a video that is merely slow.
package struct InputDegeneracy {
    private let filter: Resampling.Filter
    private var pooling = DegeneracyPooling()
    private var first: FrameStatistics?
    private var count = 0
    private var isStill = true

    /// - Parameter filter: The filter that resized the frames, which determines the type of their values.
    package init(resizedBy filter: Resampling.Filter) {
        self.filter = filter
    }

    /// - Parameter pixels: A square frame, as `Preprocessor` prepares it.
    package mutating func add(_ pixels: [UInt8]) {
        let statistics = FrameStatistics(pixels, resizedBy: filter)
        pooling.add(statistics.degeneracy)
        count += 1
        if let first {
            isStill =
                isStill && statistics.difference(from: first) < FrameStatistics.stillDifference
        } else {
            first = statistics
        }
    }

    /// Nil if the input has content, or no frame was added.
    package var degeneracy: Degeneracy? {
        pooling.degeneracy ?? (count > 1 && isStill ? .frozen : nil)
    }
}
