import Frames
import Media
import Pipeline

/// VBench's temporal flickering: how little neighbouring frames of a video differ, of all frames at full size.
///
/// Source: VBench, `vbench/temporal_flickering.py`.
struct TemporalFlickering: WholeFrameMetric {
    let mediaOptions: MediaOptions
    var label: String? { nil }

    /// A value for each pair of neighbours, `1 − mean(|a − b|) / 255`, 0 to 1; 1 for equal frames; none for a
    /// picture and for a video of one frame.
    ///
    /// Two frames are in memory at a time.
    func values(
        of request: Request
    ) throws(InputFailure) -> (values: [Double], facts: WholeFrames.Facts) {
        var previous: [UInt8]?
        var values: [Double] = []
        let facts = try WholeFrames(mediaOptions: mediaOptions).read(request, sampling: .allFrames)
        { frame in
            let pixels = frame.pixels
            if let previous { values.append(1 - Self.meanDifference(previous, pixels) / 255) }
            previous = pixels
        }
        return (values, facts)
    }

    /// The mean absolute difference of frames of one size, 0 to 255.
    private static func meanDifference(_ a: [UInt8], _ b: [UInt8]) -> Double {
        let sum = a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                var sum = 0
                // Blocks whose sums fit in 32 bits, so that the loop is one of vector instructions.
                for start in stride(from: 0, to: a.count, by: 1 << 20) {
                    var part: UInt32 = 0
                    for i in start..<min(start + 1 << 20, a.count) {
                        part &+= UInt32(a[i] > b[i] ? a[i] &- b[i] : b[i] &- a[i])
                    }
                    sum += Int(part)
                }
                return sum
            }
        }
        return Double(sum) / Double(a.count)
    }
}
