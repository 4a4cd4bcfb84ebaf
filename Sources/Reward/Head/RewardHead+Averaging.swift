import Statistics

extension RewardHead {
    /// The head with the mean of each parameter over several heads.
    ///
    /// Running statistics are averaged, too, but are not those of the averaged head: recompute them
    /// with `recomputeStatistics`.
    ///
    /// - Parameter heads: At least one, all with the same layout.
    /// - Source: Izmailov et al., arXiv 1803.05407, section 3.
    package static func average(_ heads: [RewardHead]) -> RewardHead {
        RewardHead(layout: heads[0].layout, values: heads.map(\.values).mean.map { Float($0) })
    }

    /// Sets the running statistics to the mean and variance of the norms' inputs over the examples.
    ///
    /// The second norm's statistics are computed with the first norm's new ones, without dropout. A
    /// head without norms is unchanged.
    ///
    /// - Parameters:
    ///   - embeddings: `[weights.count, D]`.
    ///   - weights: Relative frequency of each example, at least 0, not all 0.
    package mutating func recomputeStatistics(_ embeddings: FloatBuffer, weights: [Double]) {
        guard layout.architecture != .noNorm, layout.architecture != .linear else { return }
        for first in [true, false] {
            let width = first ? layout.hiddenWidth : layout.width
            var sums = [Double](repeating: 0, count: width)
            var squares = sums
            let total = weights.reduce(0, +)
            activations(embeddings, count: weights.count, ofFirst: first) { row, x in
                let weight = weights[row] / total
                for i in 0..<width {
                    sums[i] += weight * Double(x[i])
                    squares[i] += weight * Double(x[i]) * Double(x[i])
                }
            }
            let mean = first ? layout.bn1Mean : layout.bn2Mean
            let variance = first ? layout.bn1Variance : layout.bn2Variance
            for i in 0..<width {
                values[mean + i] = Float(sums[i])
                values[variance + i] = Float(max(squares[i] - sums[i] * sums[i], 0))
            }
        }
    }

    /// Calls `use` with the input of a norm, `relu(x + bias)`, for each example.
    private func activations(
        _ embeddings: FloatBuffer, count: Int, ofFirst isFirst: Bool,
        _ use: (_ row: Int, _ x: UnsafePointer<Float>) -> Void
    ) {
        let hidden = layout.hiddenWidth
        let rows = LayerProducts.lanes
        let norm1 = EvaluationNorm(self, width: hidden, first: true)
        let norm2 = EvaluationNorm(self, width: width, first: false)
        let products = LayerProducts(largestWidth: hidden)
        let inner = FloatBuffer(count: rows * hidden)
        let outer = FloatBuffer(count: rows * width)
        values.withUnsafeBufferPointer { values in
            guard let weights = values.baseAddress else { return }
            for start in stride(from: 0, to: count, by: rows) {
                let used = min(rows, count - start)
                products.forward(
                    embeddings.start + start * width, weights + layout.fc1Weight,
                    into: inner.start, rows: used, columns: hidden, inner: width)
                if isFirst {
                    norm1.activate(inner.start, rows: used)
                    for row in 0..<used { use(start + row, inner.start + row * hidden) }
                } else {
                    norm1.apply(to: inner.start, rows: used)
                    products.forward(
                        inner.start, weights + layout.fc2Weight, into: outer.start,
                        rows: used, columns: width, inner: hidden)
                    norm2.activate(outer.start, rows: used)
                    for row in 0..<used { use(start + row, outer.start + row * width) }
                }
            }
        }
    }
}
