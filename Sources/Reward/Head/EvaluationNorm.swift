/// `norm(relu(x + bias))` with running statistics: `scale · relu(x + bias) + shift`.
struct EvaluationNorm {
    private let bias: [Float]
    private var scale: [Float] = []
    private var shift: [Float] = []

    init(_ head: RewardHead, width: Int, first: Bool) {
        let layout = head.layout
        let values = head.values
        let biasStart = first ? layout.fc1Bias : layout.fc2Bias
        bias = Array(values[biasStart..<biasStart + width])
        for i in 0..<width {
            let variance = values[(first ? layout.bn1Variance : layout.bn2Variance) + i]
            let gain = values[(first ? layout.bn1Weight : layout.bn2Weight) + i]
            let mean = values[(first ? layout.bn1Mean : layout.bn2Mean) + i]
            let offset = values[(first ? layout.bn1Bias : layout.bn2Bias) + i]
            scale.append(gain / (variance + RewardHead.epsilon).squareRoot())
            shift.append(offset - mean * scale[i])
        }
    }

    /// `relu(x + bias)` alone, in place.
    func activate(_ x: UnsafeMutablePointer<Float>, rows: Int) {
        let width = bias.count
        for row in 0..<rows {
            let x = x + row * width
            for i in 0..<width { x[i] = max(x[i] + bias[i], 0) }
        }
    }

    /// - Parameter x: `[rows, width]`, changed in place.
    func apply(to x: UnsafeMutablePointer<Float>, rows: Int) {
        let width = bias.count
        for row in 0..<rows {
            let x = x + row * width
            for i in 0..<width { x[i] = scale[i] * max(x[i] + bias[i], 0) + shift[i] }
        }
    }
}
