/// Resizes a square grid of position embeddings as PyTorch's
/// `interpolate(mode="bicubic", align_corners=False)` with an explicit target size does.
///
/// Bicubic with a = −0.75, half-pixel centres, edges repeated, no antialiasing.
enum PositionInterpolation {
    /// - Parameters:
    ///   - positions: `[from · from, width]`.
    /// - Returns: `[to · to, width]`.
    static func resize(_ positions: [Float], width: Int, from: Int, to: Int) -> [Float] {
        if from == to { return positions }
        let neighbours = (0..<to).map { taps(of: $0, from: from, to: to) }
        var resized = [Float](repeating: 0, count: to * to * width)
        for row in 0..<to {
            for column in 0..<to {
                let start = (row * to + column) * width
                for (y, weightY) in neighbours[row] {
                    for (x, weightX) in neighbours[column] {
                        let source = (y * from + x) * width
                        let weight = Float(weightY * weightX)
                        for i in 0..<width {
                            resized[start + i] += weight * positions[source + i]
                        }
                    }
                }
            }
        }
        return resized
    }

    /// The four input positions of an output position and their weights.
    private static func taps(
        of index: Int, from: Int, to: Int
    ) -> [(neighbour: Int, weight: Double)] {
        let centre = (Double(index) + 0.5) * Double(from) / Double(to) - 0.5
        let first = centre.rounded(.down)
        return (-1...2).map { offset in
            let neighbour = min(max(Int(first) + offset, 0), from - 1)
            return (neighbour, weight(abs(centre - first - Double(offset))))
        }
    }

    /// The cubic convolution kernel at a distance of 0…2.
    private static func weight(_ distance: Double) -> Double {
        let a = -0.75
        let d = distance
        return d <= 1
            ? ((a + 2) * d - (a + 3)) * d * d + 1
            : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    }
}
