import Reward
import Statistics

/// Standardization of embeddings, element by element: `(x − mean) / deviation`.
struct Standardization: Sendable {
    private(set) var mean: [Float] = []
    private(set) var deviation: [Float] = []

    /// Computes the statistics of embeddings of one width; constant elements get deviation 1.
    init(of embeddings: [[Float]]) {
        let count = Double(embeddings.count)
        for (i, mean) in embeddings.mean.enumerated() {
            let variance =
                embeddings.reduce(0) {
                    $0 + (Double($1[i]) - mean) * (Double($1[i]) - mean)
                } / count
            self.mean.append(Float(mean))
            deviation.append(variance > 0 ? Float(variance.squareRoot()) : 1)
        }
    }

    private init(mean: [Float], deviation: [Float]) {
        self.mean = mean
        self.deviation = deviation
    }

    /// The inverse mapping.
    var inverse: Standardization {
        Standardization(
            mean: zip(mean, deviation).map { -$0 / $1 }, deviation: deviation.map { 1 / $0 })
    }

    func apply(to embedding: [Float]) -> [Float] {
        embedding.indices.map { (embedding[$0] - mean[$0]) / deviation[$0] }
    }

    /// The head that returns for `x` the logits that `head` returns for the standardized `x`.
    ///
    /// Mean and deviation are folded into the first layer's weights and bias. The residual
    /// connection bypasses that layer, so the last layer's weights are divided by the deviation,
    /// and the second norm's output is multiplied by it and shifted by the mean to match. A linear
    /// head folds both into its only layer.
    func folded(into head: RewardHead) -> RewardHead {
        let layout = head.layout
        let width = layout.width
        var values = head.values
        if layout.architecture == .linear {
            for output in 0..<2 {
                var shift = 0.0
                for i in 0..<width {
                    let index = layout.outWeight + output * width + i
                    let weight = Double(values[index]) / Double(deviation[i])
                    shift += weight * Double(mean[i])
                    values[index] = Float(weight)
                }
                let bias = layout.outBias + output
                values[bias] = Float(Double(values[bias]) - shift)
            }
            return RewardHead(layout: layout, values: values)
        }
        for row in 0..<layout.hiddenWidth {
            var shift = 0.0
            for i in 0..<width {
                let index = layout.fc1Weight + row * width + i
                let weight = Double(values[index]) / Double(deviation[i])
                shift += weight * Double(mean[i])
                values[index] = Float(weight)
            }
            values[layout.fc1Bias + row] = Float(Double(values[layout.fc1Bias + row]) - shift)
        }
        for i in 0..<width {
            values[layout.bn2Weight + i] *= deviation[i]
            values[layout.bn2Bias + i] = values[layout.bn2Bias + i] * deviation[i] - mean[i]
            values[layout.outWeight + i] /= deviation[i]
            values[layout.outWeight + width + i] /= deviation[i]
        }
        return RewardHead(layout: layout, values: values)
    }
}
