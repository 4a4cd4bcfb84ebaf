import CKernels
import Foundation
import Reward

/// `torch.optim.AdamW` for a head: Adam with bias correction and decoupled weight decay.
struct AdamW {
    private let layout: HeadLayout
    private let beta1: Double
    private let beta2: Double
    private let epsilon: Double
    private let weightDecay: Double
    let firstMoments: FloatBuffer
    let secondMoments: FloatBuffer
    var step = 0

    init(_ settings: TrainingSettings, layout: HeadLayout) {
        self.layout = layout
        beta1 = settings.beta1
        beta2 = settings.beta2
        epsilon = settings.epsilon
        weightDecay = settings.weightDecay
        firstMoments = FloatBuffer(count: layout.small.upperBound)
        secondMoments = FloatBuffer(count: layout.small.upperBound)
    }

    /// Updates a head's parameters from their gradient, in one pass over memory.
    mutating func update(
        _ values: UnsafeMutablePointer<Float>, _ gradient: HeadGradient, rate: Double
    ) {
        step += 1
        let constants = ganrm_adamw_step(
            learning_rate: Float(rate), beta1: Float(beta1), beta2: Float(beta2),
            epsilon: Float(epsilon),
            decay_factor: Float(1 - rate * weightDecay),
            bias_correction1: Float(1 - pow(beta1, Double(step))),
            bias_correction2_sqrt: Float((1 - pow(beta2, Double(step))).squareRoot()))
        let kernels = ganrm_kernels_in_use().pointee
        let first = firstMoments.start
        let second = secondMoments.start
        func update(
            matrix start: Int, by outputGradient: FloatBuffer, _ input: FloatBuffer,
            columns: Int, inner: Int
        ) {
            let (d, x) = (outputGradient.start, input.start)
            HeadThreads.share(columns) { part in
                let start = start + part.lowerBound * inner
                kernels.adamw_update_linear(
                    values + start, first + start, second + start, d + part.lowerBound, x,
                    gradient.rows, part.count, inner, columns, constants)
            }
        }
        let start = layout.small.lowerBound
        kernels.adamw_update(
            values + start, first + start, second + start, gradient.small.start,
            layout.small.count, constants)
        guard layout.architecture != .linear else { return }
        update(
            matrix: layout.fc1Weight, by: gradient.innerGradient, gradient.input,
            columns: layout.hiddenWidth, inner: layout.width)
        update(
            matrix: layout.fc2Weight, by: gradient.outer, gradient.inner,
            columns: layout.width, inner: layout.hiddenWidth)
    }
}
