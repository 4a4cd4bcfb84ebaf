internal import CKernels

extension ganrm_number {
    /// Bytes per number.
    var byteCount: Int {
        switch self {
        case GANRM_INT8: 1
        case GANRM_BF16: 2
        default: 4
        }
    }

    /// From one row of `length` numbers to the next, in bytes, where a layer reads them: an odd number of
    /// cache lines, so that the rows that it multiplies together do not displace each other. Without, a
    /// layer of 4096 numbers to 1024 takes an eighth longer.
    func stride(_ length: Int) -> Int {
        let lines = (length * byteCount + 63) / 64
        return (lines | 1) * 64
    }

    /// The same in numbers.
    func step(_ length: Int) -> Int { stride(length) / byteCount }

    /// How a layer stores them.
    var storing: ganrm_destination { self == GANRM_BF16 ? GANRM_STORE_BF16 : GANRM_STORE_F32 }
}

extension Precision {
    /// What linear layers multiply, the patch embedding among them.
    var linear: ganrm_number {
        switch self {
        case .f32: GANRM_F32
        case .bf16: GANRM_BF16
        case .int8: GANRM_INT8
        }
    }

    /// What is kept between layers: queries, keys and values, and the perceptron's inner numbers.
    var other: ganrm_number { self == .f32 ? GANRM_F32 : GANRM_BF16 }
}

extension VisionTransformerConfiguration.Activation {
    var kernel: ganrm_activation {
        switch self {
        case .quickGELU: GANRM_QUICK_GELU
        case .gelu: GANRM_GELU
        }
    }
}
