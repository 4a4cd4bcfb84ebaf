/// The requested precision; `automatic` depends on the CPU.
public enum PrecisionChoice: String, Sendable, Hashable, Codable, CaseIterable {
    /// The fastest precision with bfloat16's accuracy at the CPU level in use: bfloat16 where its products are faster
    /// than those of float32 (AVX512-BF16 on AMD, AMX), else float32.
    case automatic = "auto"
    case f32
    case bf16
    case int8

    /// The precision at the CPU level in use.
    public var precision: Precision {
        switch self {
        case .automatic: CPULevel.inUse.automaticPrecision
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
