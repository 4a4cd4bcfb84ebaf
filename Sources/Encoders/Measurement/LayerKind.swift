/// Kinds of layers whose time is measured.
public enum LayerKind: Int, Sendable, CaseIterable {
    /// Linear layers, with fused bias, activation and residual addition.
    case linear
    /// softmax(QKᵀ) V.
    case attention
    /// Norms, quantization, normalising and unfolding patches, pooling.
    case rest
    /// Idle time of a worker while others have tasks.
    case waiting
}
