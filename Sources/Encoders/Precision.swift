/// Precision of an encoder's matrix products.
public enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
    /// float32 throughout.
    case f32
    /// Weights and activations of matrix products in bfloat16; accumulation, softmax, norms and the
    /// residual stream in float32. At CPU levels without instructions for it, all is in float32,
    /// which is faster there.
    case bf16
    /// As `bf16`, but with int8 matrix products: weights with a quantization scale per output
    /// channel, activations with a dynamic scale per token. Attention is quantized dynamically,
    /// too. There is no calibration.
    case int8
}
