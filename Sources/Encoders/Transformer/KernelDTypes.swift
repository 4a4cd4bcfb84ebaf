internal import CKernels

extension ganrm_dtype {
    /// Bytes per element.
    var byteCount: Int {
        switch self {
        case GANRM_INT8: 1
        case GANRM_BF16: 2
        default: 4
        }
    }

    /// Row stride of a layer's input in bytes, for rows of `length` elements: an odd number of
    /// cache lines, so that rows that are multiplied together do not evict each other from the
    /// cache. Without this, a layer from 4096 to 1024 takes an eighth longer.
    func rowBytes(_ length: Int) -> Int {
        let lines = (length * byteCount + 63) / 64
        return (lines | 1) * 64
    }

    /// `rowBytes` in elements.
    func rowStride(_ length: Int) -> Int { rowBytes(length) / byteCount }

    /// Stores a layer's output as this dtype.
    var destination: ganrm_destination { self == GANRM_BF16 ? GANRM_STORE_BF16 : GANRM_STORE_F32 }
}

extension Precision {
    /// The precision that a CPU level computes in: float32 where it has no instructions for bfloat16, whose products
    /// would be slower.
    func arithmetic(of kernels: ganrm_kernels) -> Precision {
        self == .bf16 && !kernels.multiplies_bf16 ? .f32 : self
    }

    /// Operands of the linear layers, the patch embedding included.
    var linearDType: ganrm_dtype {
        switch self {
        case .f32: GANRM_F32
        case .bf16: GANRM_BF16
        case .int8: GANRM_INT8
        }
    }

    /// Activations in memory between layers: queries, keys, values and the MLP's hidden
    /// activations.
    var activationDType: ganrm_dtype { self == .f32 ? GANRM_F32 : GANRM_BF16 }
}

extension VisionTransformerConfiguration.Activation {
    var kernel: ganrm_activation {
        switch self {
        case .quickGELU: GANRM_QUICK_GELU
        case .gelu: GANRM_GELU
        }
    }
}
