/// Counts the parts of an ONNX model before it is decoded.
///
/// A decoded node or tensor takes up to 300 bytes of memory and a name 16, even if it is empty and
/// has two bytes in the file. Models of real encoders have thousands of nodes and 40,000 bytes of
/// weights for each.
///
/// Source: Protocol Buffers, "Encoding".
struct OnnxScan {
    /// Maximum memory for nodes, tensors and their names, in bytes per byte of the file.
    static let memoryFactor = 4
    /// Memory that any model may use, in bytes, for those without weights.
    static let memoryAllowance = 4 << 20

    private static let messageMemory = 320
    private static let nameMemory = 32
    private static let numberMemory = 16

    private let bytes: UnsafeRawBufferPointer
    private var memoryBudget: Int

    /// Whether the parts of a model fit in the limit. A damaged model is counted up to the damage,
    /// where decoding ends, too.
    static func isProportionate(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var scan = OnnxScan(bytes: bytes)
        // Fields of a model: 7 is its graph; of a graph: 1 is a node, 5 a tensor.
        scan.fields(0..<bytes.count) { scan, field, range in
            guard field == 7 else { return }
            scan.fields(range) { scan, field, range in
                guard field == 1 || field == 5 else { return }
                scan.memoryBudget -= messageMemory
                // Of a node: 1 and 2 are names; of a tensor: 1 and 7 are numbers, maybe packed.
                scan.fields(range) { scan, inner, range in
                    switch (field, inner) {
                    case (1, 1), (1, 2): scan.memoryBudget -= nameMemory
                    case (5, 1), (5, 7): scan.memoryBudget -= numberMemory * max(range.count, 1)
                    default: break
                    }
                }
            }
        }
        return scan.memoryBudget >= 0
    }

    private init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        memoryBudget = Self.memoryFactor * bytes.count + Self.memoryAllowance
    }

    /// Calls `body` with the number of each field and the range of its value, until the budget is
    /// spent or a field is malformed.
    private mutating func fields(
        _ range: Range<Int>, _ body: (inout OnnxScan, UInt64, Range<Int>) -> Void
    ) {
        var offset = range.lowerBound
        while offset < range.upperBound, memoryBudget >= 0 {
            guard let tag = varint(&offset) else { return }
            switch tag & 7 {
            case 0:
                guard varint(&offset) != nil else { return }
                body(&self, tag >> 3, offset..<offset)
            case 1: offset += 8
            case 2:
                guard let length = varint(&offset), length <= range.upperBound - offset else {
                    return
                }
                let end = offset + Int(length)
                body(&self, tag >> 3, offset..<end)
                offset = end
            case 5: offset += 4
            default: return
            }
        }
    }

    /// The variable-length integer at `offset`, which is advanced; nil if it is cut off.
    private func varint(_ offset: inout Int) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard offset < bytes.count else { return nil }
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
