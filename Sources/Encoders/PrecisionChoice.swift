internal import CKernels

/// What the user asks for; `automatic` looks at the CPU.
public enum PrecisionChoice: String, Sendable, Hashable, Codable, CaseIterable {
    /// bfloat16 where the CPU multiplies it in hardware (AVX512-BF16, AMX), else 32 bits.
    case automatic = "auto"
    case f32
    case bf16
    case int8

    /// What it means on this machine.
    public var precision: Precision {
        switch self {
        case .automatic: ganrm_cpu_has_bf16() ? .bf16 : .f32
        case .f32: .f32
        case .bf16: .bf16
        case .int8: .int8
        }
    }

    /// The choice of this precision and no other.
    public init(_ precision: Precision) {
        self =
            switch precision {
            case .f32: .f32
            case .bf16: .bf16
            case .int8: .int8
            }
    }
}
