import Files
public import Foundation
internal import TextFormats

extension Safetensors {
    /// Encodes a file with `tensors`, sorted by name, stored as `dtype`.
    ///
    /// The output is deterministic.
    ///
    /// - Precondition: `dtype` is F32 or F16.
    public static func encode(
        _ tensors: [String: Tensor], metadata: [String: String] = [:],
        as dtype: DType = .f32
    ) -> Data {
        precondition(dtype == .f32 || dtype == .f16)
        let sorted = tensors.sorted { $0.key < $1.key }
        var file = header(
            of: sorted.map { ($0.key, $0.value.shape, dtype) }, metadata: metadata)
        for (_, tensor) in sorted {
            if dtype == .f32 {
                tensor.elements.withUnsafeBytes { file.append(contentsOf: $0) }
            } else {
                tensor.elements.map { $0.float16Bits }.withUnsafeBytes {
                    file.append(contentsOf: $0)
                }
            }
        }
        return file
    }

    /// Writes tensors as `dtype`, atomically; see `encode`.
    ///
    /// - Throws: `TensorError.file`.
    public static func write(
        _ tensors: [String: Tensor], metadata: [String: String] = [:],
        as dtype: DType = .f32, to path: String
    ) throws(TensorError) {
        let bytes = encode(tensors, metadata: metadata, as: dtype)
        try AtomicFile.write(bytes, to: path, failing: TensorError.file)
    }

    /// Writes stored tensors with their own dtypes, without copying them in memory.
    ///
    /// The file is written atomically, and the output is deterministic.
    ///
    /// - Throws: `TensorError.file`.
    public static func write(
        stored tensors: [String: StoredTensor], metadata: [String: String] = [:], to path: String
    ) throws(TensorError) {
        let sorted = tensors.sorted { $0.key < $1.key }
        let header = header(
            of: sorted.map { ($0.key, $0.value.shape, $0.value.dtype) }, metadata: metadata)
        try AtomicFile.write(to: path, failing: TensorError.file) { (file) throws(TensorError) in
            try file.append(header)
            for (_, tensor) in sorted {
                try tensor.withBytes { (bytes) throws(TensorError) in try file.append(bytes) }
            }
        }
    }

    /// The header length and the JSON header of a file with these tensors in this order.
    private static func header(
        of tensors: [(name: String, shape: [Int], dtype: DType)],
        metadata: [String: String]
    ) -> Data {
        var entries: [JSONValue.Member] = []
        if !metadata.isEmpty {
            let members = metadata.sorted { $0.key < $1.key }
                .map { JSONValue.Member($0.key, .string($0.value)) }
            entries.append(.init(metadataKey, .object(members)))
        }
        var end = 0
        for (name, shape, dtype) in tensors {
            let start = end
            end += shape.reduce(dtype.byteCount, *)
            let entry = JSONValue.object([
                .init("dtype", .string(dtype.rawValue)),
                .init("shape", .array(shape.map { .integer($0) })),
                .init("data_offsets", .array([.integer(start), .integer(end)])),
            ])
            entries.append(.init(name, entry))
        }
        var json = Data(JSONValue.object(entries).description.utf8)
        // The body starts at a multiple of 8, as in the reference implementation.
        json.append(contentsOf: Array(repeating: UInt8(ascii: " "), count: -json.count & 7))
        var header = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
        header.append(json)
        return header
    }
}
