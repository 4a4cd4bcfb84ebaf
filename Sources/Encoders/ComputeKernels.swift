internal import CKernels

/// What encoders compute with: other revisions and processors round differently.
public enum ComputeKernels {
    /// Raised when an encoder's embeddings change in more than nothing.
    public static let revision = 2

    /// The level that this processor runs, e.g. `AVX-512 with bfloat16`.
    public static var level: String {
        if ganrm_cpu_has_bf16() { return "AVX-512 with bfloat16" }
        if ganrm_kernels_at(GANRM_KERNELS_AVX512) != nil { return "AVX-512" }
        return ganrm_kernels_at(GANRM_KERNELS_AVX2) != nil ? "AVX2" : "portable"
    }

    /// The precisions that the processor computes in hardware and that there are expected scores of.
    public static var precisions: [Precision] { ganrm_cpu_has_bf16() ? [.f32, .bf16] : [.f32] }
}
