/// What an encoder spends its time on.
public enum LayerKind: Int, Sendable, CaseIterable {
    /// The products with weights, whatever is fused into them.
    case linear
    /// softmax(queries · keysᵀ) · values.
    case attention
    /// Norms, normalising and unfolding patches, pooling.
    case rest
    /// A worker without a task, while others still have one.
    case waiting
}
