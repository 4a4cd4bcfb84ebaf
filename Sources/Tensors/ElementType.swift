/// What one number of a stored tensor is.
public enum ElementType: String, Sendable, Hashable, Codable, CaseIterable {
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

    /// Whether the numbers are floating point, as weights are.
    public var isFloatingPoint: Bool {
        switch self {
        case .f64, .f32, .f16, .bf16: true
        case .i64, .i32, .i16, .i8, .u8, .bool: false
        }
    }

    /// Bytes of a tensor, or nil if an axis is negative, there are more than 16 axes, or the
    /// product of any of them overflows.
    func byteCount(shape: [Int]) -> Int? {
        guard shape.count <= 16 else { return nil }
        var product = byteCount
        for axis in shape where axis != 0 {
            guard axis > 0 else { return nil }
            let overflow: Bool
            (product, overflow) = product.multipliedReportingOverflow(by: axis)
            guard !overflow else { return nil }
        }
        return shape.contains(0) ? 0 : product
    }
}
