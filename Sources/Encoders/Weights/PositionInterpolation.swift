/// Resizes a square grid of position embeddings as PyTorch's
/// `interpolate(mode="bicubic", align_corners=False)` with an explicit target size does.
///
/// Bicubic with a = −0.75, half-pixel centres, edges repeated, no antialiasing.
///
/// `slack` is what DINO adds to the number of rows and of columns when it computes the scale
/// (`vision_transformer.py`, `interpolate_pos_encoding`).
enum PositionInterpolation {
    /// - Parameters:
    ///   - positions: `[from · from, width]`.
    /// - Returns: `[grid.rows · grid.columns, width]`.
    static func resize(
        _ positions: [Float], width: Int, from: Int, to grid: PatchGrid, slack: Double = 0
    ) -> [Float] {
        if grid.rows == from, grid.columns == from, slack == 0 { return positions }
        func taps(_ count: Int) -> [[(neighbour: Int, weight: Double)]] {
            (0..<count).map { self.taps(of: $0, from: from, to: Double(count) + slack) }
        }
        let (vertical, horizontal) = (taps(grid.rows), taps(grid.columns))
        var resized = [Float](repeating: 0, count: grid.count * width)
        for row in 0..<grid.rows {
            for column in 0..<grid.columns {
                let start = (row * grid.columns + column) * width
                for (y, weightY) in vertical[row] {
                    for (x, weightX) in horizontal[column] {
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
        of index: Int, from: Int, to: Double
    ) -> [(neighbour: Int, weight: Double)] {
        let centre = (Double(index) + 0.5) * Double(from) / to - 0.5
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
