internal import CKernels

/// The requested precision; `automatic` depends on the CPU.
public enum PrecisionChoice: String, Sendable, Hashable, Codable, CaseIterable {
    /// bfloat16 if the CPU has instructions for it (AVX512-BF16, AMX), else float32.
    case automatic = "auto"
    case f32
    case bf16
    case int8

    /// The precision on this machine.
    public var precision: Precision {
        switch self {
        case .automatic: ganrm_cpu_has_bf16() ? .bf16 : .f32
        case .f32: .f32
        case .bf16: .bf16
        case .int8: .int8
        }
    }

    public init(_ precision: Precision) {
        self =
            switch precision {
            case .f32: .f32
            case .bf16: .bf16
            case .int8: .int8
            }
    }
}
