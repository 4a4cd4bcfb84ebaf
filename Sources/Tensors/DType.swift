import Files

/// The dtype of a stored tensor; raw values are those of safetensors.
public enum DType: String, Sendable, Hashable, Codable, CaseIterable {
    case f64 = "F64"
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"
    case i64 = "I64"
    case i32 = "I32"
    case i16 = "I16"
    case i8 = "I8"
    case u8 = "U8"
    case bool = "BOOL"

    /// Bytes per element.
    public var byteCount: Int {
        switch self {
        case .f64, .i64: 8
        case .f32, .i32: 4
        case .f16, .bf16, .i16: 2
        case .i8, .u8, .bool: 1
        }
    }

    /// Whether this is a floating-point dtype, as required for weights.
    public var isFloatingPoint: Bool {
        switch self {
        case .f64, .f32, .f16, .bf16: true
        case .i64, .i32, .i16, .i8, .u8, .bool: false
        }
    }

    /// Size of a tensor in bytes; nil if a dimension is negative, there are more than 16
    /// dimensions, or the product of the non-zero ones overflows.
    func byteCount(shape: [Int]) -> Int? {
        guard shape.count <= 16, shape.allSatisfy({ $0 >= 0 }),
            let product = Checked.product(byteCount, Checked.product(of: shape.filter { $0 > 0 }))
        else { return nil }
        return shape.contains(0) ? 0 : product
    }
}
