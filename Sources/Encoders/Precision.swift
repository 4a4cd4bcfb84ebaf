/// What the matrix products of an encoder run in.
public enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
    /// 32-bit throughout.
    case f32
    /// Weights and activations of matrix products in bfloat16; sums, softmax, norms and the
    /// residual stream in 32 bits.
    case bf16
    /// As `bf16`, but matrix products are of bytes: weights with a scale per output, activations with one per
    /// token, found on the fly, as are attention's. Nothing is calibrated.
    case int8
}
