public import Foundation

/// The safetensors container: 8 bytes of header length, a JSON header, the tensors' bytes.
///
/// Source: https://github.com/huggingface/safetensors, "Format".
public enum Safetensors {
    /// The reference implementation's own limit on the header, in bytes.
    static let headerLimit = 100_000_000

    static func read(_ storage: ByteStorage, path: String) throws(TensorError) -> WeightFile {
        func malformed(_ place: String, _ reason: String) -> TensorError {
            .malformed(path: path, place: place, reason: reason)
        }
        guard storage.count >= 8 else { throw malformed("the header", "shorter than 8 bytes") }
        let length = storage.withBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= headerLimit, Int(length) <= storage.count - 8 else {
            throw malformed("the header", "claims \(length) bytes")
        }
        let header = storage.withBytes { Data($0[8..<8 + Int(length)]) }
        guard let object = try? JSONSerialization.jsonObject(with: header),
            let entries = object as? [String: Any]
        else { throw malformed("the header", "not a JSON object") }

        let bodyStart = 8 + Int(length)
        let bodyCount = storage.count - bodyStart
        var tensors: [String: StoredTensor] = [:]
        var metadata: [String: String] = [:]
        for (name, value) in entries {
            if name == "__metadata__" {
                guard let texts = value as? [String: String] else {
                    throw malformed("__metadata__", "not a map of texts")
                }
                metadata = texts
                continue
            }
            guard let entry = value as? [String: Any],
                let typeName = entry["dtype"] as? String,
                let shape = entry["shape"] as? [Int],
                let offsets = entry["data_offsets"] as? [Int], offsets.count == 2
            else { throw malformed("tensor '\(name)'", "dtype, shape or data_offsets is missing") }
            // Types that no weight has (F8, complex) are skipped like tensors nobody asks for.
            guard let elementType = ElementType(rawValue: typeName) else { continue }
            guard let byteCount = byteCount(shape: shape, elementType: elementType) else {
                throw malformed("tensor '\(name)'", "impossible shape \(shape)")
            }
            guard 0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= bodyCount,
                offsets[1] - offsets[0] == byteCount
            else {
                throw malformed(
                    "tensor '\(name)'", "bytes \(offsets[0])..<\(offsets[1]) do not fit \(shape)")
            }
            tensors[name] = StoredTensor(
                shape: shape, elementType: elementType, storage: storage,
                range: bodyStart + offsets[0]..<bodyStart + offsets[1])
        }
        return WeightFile(name: path, tensors: tensors, metadata: metadata)
    }

    /// Bytes of a tensor, or nil if an axis is negative or the product overflows.
    static func byteCount(shape: [Int], elementType: ElementType) -> Int? {
        var count = elementType.byteCount
        for axis in shape {
            guard axis >= 0 else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: axis)
            guard !overflow else { return nil }
            count = product
        }
        return count
    }

    /// The bytes of a file that holds `tensors`, ordered by name, stored as `elementType`.
    ///
    /// The same input always gives the same bytes.
    ///
    /// - Parameter elementType: F32 or F16; other types are our mistake.
    public static func encode(
        _ tensors: [String: Tensor], metadata: [String: String] = [:],
        as elementType: ElementType = .f32
    ) -> Data {
        precondition(elementType == .f32 || elementType == .f16)
        var entries: [String: Any] = [:]
        var body = Data()
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            let start = body.count
            if elementType == .f32 {
                tensor.elements.withUnsafeBytes { body.append(contentsOf: $0) }
            } else {
                let halves = tensor.elements.map(\.halfBits)
                halves.withUnsafeBytes { body.append(contentsOf: $0) }
            }
            entries[name] = [
                "dtype": elementType.rawValue, "shape": tensor.shape,
                "data_offsets": [start, body.count],
            ]
        }
        if !metadata.isEmpty { entries["__metadata__"] = metadata }
        var header =
            (try? JSONSerialization.data(
                withJSONObject: entries, options: [.sortedKeys, .withoutEscapingSlashes])) ?? Data()
        // The body starts at a multiple of 8, as the reference writes it.
        header.append(contentsOf: Array(repeating: UInt8(ascii: " "), count: -header.count & 7))
        var file = Data()
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { file.append(contentsOf: $0) }
        file.append(header)
        file.append(body)
        return file
    }

    /// Writes a file that is either whole or not there: a temporary name, then a rename.
    public static func write(
        _ tensors: [String: Tensor], metadata: [String: String] = [:],
        as elementType: ElementType = .f32, to path: String
    ) throws(TensorError) {
        do {
            try encode(tensors, metadata: metadata, as: elementType)
                .write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw .unwritable(path: path, reason: error.localizedDescription)
        }
    }
}
