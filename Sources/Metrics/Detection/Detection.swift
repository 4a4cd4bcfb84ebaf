/// An object that a detector found.
package struct Detection: Sendable, Hashable {
    /// Index of the class.
    package var label: Int
    /// Probability, 0 to 1.
    package var score: Float
    /// Left, top, width and height, in pixels of the frame.
    package var box: [Float]
}

extension Detection {
    /// Detections of which none overlaps a better one, best first, whatever their classes.
    ///
    /// - Parameters:
    ///   - detections: Those of equal scores stay in their order.
    ///   - scoreThreshold: Scores are above it.
    ///   - overlapThreshold: Intersection over union of two boxes is at most this.
    ///
    /// Source: OpenCV 5, `modules/dnn/src/nms.cpp`, `NMSBoxes`, and `nms.inl.hpp`, `NMSFast_`.
    package static func suppressingNonMaxima(
        _ detections: [Detection], scoreThreshold: Float, overlapThreshold: Float
    ) -> [Detection] {
        let ranked = detections.enumerated().filter { $1.score > scoreThreshold }
            .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
            .map(\.element)
        var kept: [Detection] = []
        for detection in ranked
        where kept.allSatisfy({ detection.overlap(with: $0) <= overlapThreshold }) {
            kept.append(detection)
        }
        return kept
    }

    /// Intersection over union of two boxes; 1 for two without area.
    private func overlap(with other: Detection) -> Float {
        let (a, b) = (box.map(Double.init), other.box.map(Double.init))
        let (areaA, areaB) = (a[2] * a[3], b[2] * b[3])
        guard areaA + areaB > .ulpOfOne else { return 1 }
        let shared = Self.shared(a[0], a[2], b[0], b[2]) * Self.shared(a[1], a[3], b[1], b[3])
        return 1 - Float(1 - shared / (areaA + areaB - shared))
    }

    /// The length that two intervals share, of their starts and lengths.
    private static func shared(_ a: Double, _ aLength: Double, _ b: Double, _ bLength: Double)
        -> Double
    {
        let (first, firstLength, last, lastLength) =
            a < b ? (a, aLength, b, bLength) : (b, bLength, a, aLength)
        return max(min(firstLength - (last - first), lastLength), 0)
    }
}
