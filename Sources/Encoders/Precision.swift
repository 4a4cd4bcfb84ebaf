/// What the matrix products of an encoder run in.
public enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
    /// 32-bit throughout.
    case f32
    /// Weights and activations of matrix products in bfloat16; sums, softmax, norms and the
    /// residual stream in 32 bits.
    case bf16
    /// As `bf16`, but linear layers multiply 8-bit numbers: weights with a scale per output, activations
    /// with a scale per token, found on the fly. Nothing is calibrated. Attention's queries meet
    /// the keys in 8 bits too, less the keys' mean; the rest of it and the patch embedding stay in bfloat16.
    case int8
}
