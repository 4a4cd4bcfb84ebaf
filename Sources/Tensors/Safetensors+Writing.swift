public import Foundation
internal import JSON

extension Safetensors {
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
        let sorted = tensors.sorted { $0.key < $1.key }
        var file = header(
            of: sorted.map { ($0.key, $0.value.shape, elementType) }, metadata: metadata)
        for (_, tensor) in sorted {
            if elementType == .f32 {
                tensor.elements.withUnsafeBytes { file.append(contentsOf: $0) }
            } else {
                tensor.elements.map { $0.halfBits }.withUnsafeBytes { file.append(contentsOf: $0) }
            }
        }
        return file
    }

    /// Writes a file that is either whole or not there: a temporary name, then a rename.
    public static func write(
        _ tensors: [String: Tensor], metadata: [String: String] = [:],
        as elementType: ElementType = .f32, to path: String
    ) throws(TensorError) {
        let bytes = encode(tensors, metadata: metadata, as: elementType)
        try AtomicFile.write(to: path) { (file) throws(TensorError) in
            try file.append(bytes)
        }
    }

    /// Writes tensors as they are stored, each in its own type, without a copy in memory.
    ///
    /// The file is either whole or not there, and the same input always gives the same bytes.
    public static func write(
        stored tensors: [String: StoredTensor], metadata: [String: String] = [:], to path: String
    ) throws(TensorError) {
        let sorted = tensors.sorted { $0.key < $1.key }
        let header = header(
            of: sorted.map { ($0.key, $0.value.shape, $0.value.elementType) }, metadata: metadata)
        try AtomicFile.write(to: path) { (file) throws(TensorError) in
            try file.append(header)
            for (_, tensor) in sorted {
                try tensor.withBytes { (bytes) throws(TensorError) in try file.append(bytes) }
            }
        }
    }

    /// The length and the JSON header of a file whose body holds these tensors in this order.
    private static func header(
        of tensors: [(name: String, shape: [Int], elementType: ElementType)],
        metadata: [String: String]
    ) -> Data {
        var entries: [JSONValue.Member] = []
        if !metadata.isEmpty {
            let texts = metadata.sorted { $0.key < $1.key }
                .map { JSONValue.Member($0.key, .string($0.value)) }
            entries.append(.init(metadataKey, .object(texts)))
        }
        var end = 0
        for (name, shape, elementType) in tensors {
            let start = end
            end += shape.reduce(elementType.byteCount, *)
            let entry = JSONValue.object([
                .init("dtype", .string(elementType.rawValue)),
                .init("shape", .array(shape.map { .integer($0) })),
                .init("data_offsets", .array([.integer(start), .integer(end)])),
            ])
            entries.append(.init(name, entry))
        }
        var json = Data(JSONValue.object(entries).description.utf8)
        // The body starts at a multiple of 8, as the reference writes it.
        json.append(contentsOf: Array(repeating: UInt8(ascii: " "), count: -json.count & 7))
        var header = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
        header.append(json)
        return header
    }
}
