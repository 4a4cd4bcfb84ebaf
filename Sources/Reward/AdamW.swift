import CKernels
import Foundation

/// `torch.optim.AdamW`: Adam with bias correction and decoupled weight decay.
struct AdamW {
    private let beta1: Double
    private let beta2: Double
    private let epsilon: Double
    private let weightDecay: Double
    private let firstMoments: FloatBuffer
    private let secondMoments: FloatBuffer
    private var step = 0

    init(_ settings: TrainingSettings, count: Int) {
        beta1 = settings.beta1
        beta2 = settings.beta2
        epsilon = settings.epsilon
        weightDecay = settings.weightDecay
        firstMoments = FloatBuffer(count: count)
        secondMoments = FloatBuffer(count: count)
    }

    /// Moves the weights against their gradient.
    mutating func update(
        _ weights: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, rate: Double
    ) {
        step += 1
        let constants = ganrm_adamw_step(
            rate: Float(rate), beta1: Float(beta1), beta2: Float(beta2), epsilon: Float(epsilon),
            retained: Float(1 - rate * weightDecay),
            correction1: Float(1 - pow(beta1, Double(step))),
            correction2_root: Float((1 - pow(beta2, Double(step))).squareRoot()))
        ganrm_adamw(
            weights, firstMoments.start, secondMoments.start, gradient, firstMoments.count,
            constants)
    }
}
