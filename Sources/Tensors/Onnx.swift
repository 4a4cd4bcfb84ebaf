import Foundation
import SwiftProtobuf

/// The weights of an ONNX model: its graph's initializers, under PyTorch's names and in its layout.
///
/// Source: the ONNX specification, `onnx.proto`; see `Onnx.proto` for the part that is read.
enum Onnx {
    /// Protocol buffers end at 2 GiB.
    static let byteLimit = Int(Int32.max)

    /// Whether a file may be an ONNX model: field 1, the IR version, comes first and is small.
    static func recognises(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count > 2 && bytes[0] == 0x08 && (1..<64).contains(bytes[1])
    }

    static func read(_ storage: ByteStorage, path: String) throws(TensorError) -> WeightFile {
        guard storage.count <= byteLimit else {
            throw .unknownContainer(path: path, reason: "is larger than an ONNX file can be")
        }
        let model: OnnxModel
        do {
            model = try storage.withBytes { bytes in
                var options = BinaryDecodingOptions()
                options.discardUnknownFields = true
                let data = Data(
                    bytesNoCopy: UnsafeMutableRawPointer(mutating: bytes.baseAddress!),
                    count: bytes.count, deallocator: .none)
                return try OnnxModel(serializedBytes: data, options: options)
            }
        } catch {
            throw .malformed(path: path, place: "the ONNX model", reason: "\(error)")
        }
        var initializers: [String: StoredTensor] = [:]
        for tensor in model.graph.initializer {
            // Types that no weight has (strings, complex, 4-bit) are skipped.
            guard let stored = try read(tensor, path: path) else { continue }
            guard initializers.updateValue(stored, forKey: tensor.name) == nil else {
                throw .malformed(
                    path: path, place: "tensor '\(tensor.name)'", reason: "the name comes twice")
            }
        }
        guard !initializers.isEmpty else {
            throw .unknownContainer(
                path: path, reason: "has no weights; is it an ONNX model with its initializers?")
        }
        return WeightFile(
            name: path, tensors: OnnxNames(nodes: model.graph.node).restore(initializers),
            container: .onnx)
    }

    private static func read(
        _ tensor: OnnxTensor, path: String
    ) throws(TensorError) -> StoredTensor? {
        let place = "tensor '\(tensor.name)'"
        guard tensor.dataLocation == .default else {
            throw .unknownContainer(
                path: path,
                reason: """
                    keeps its weights in a second file; join them with: python3 -c "import onnx; \
                    onnx.save(onnx.load('model.onnx'), 'joined.onnx')"
                    """)
        }
        guard let type = OnnxTensor.DataType(rawValue: Int(tensor.dataType)),
            let elementType = ElementType(type)
        else { return nil }
        let shape = tensor.dims.map { Int($0) }
        guard let byteCount = elementType.byteCount(shape: shape) else {
            throw .malformed(path: path, place: place, reason: "impossible shape \(shape)")
        }
        let storage = storage(of: tensor, elementType)
        guard storage.count == byteCount else {
            throw .malformed(
                path: path, place: place,
                reason: "\(storage.count) bytes for \(elementType.rawValue) \(shape)")
        }
        return StoredTensor(
            shape: shape, elementType: elementType, storage: storage, range: 0..<byteCount)
    }

    private static func storage(of tensor: OnnxTensor, _ elementType: ElementType) -> ByteStorage {
        func copy<Element>(_ elements: [Element]) -> ByteStorage {
            elements.withUnsafeBytes { ByteStorage(copying: $0) }
        }
        if tensor.hasRawData { return tensor.rawData.withUnsafeBytes { ByteStorage(copying: $0) } }
        return switch elementType {
        case .f64: copy(tensor.doubleData)
        case .f32: copy(tensor.floatData)
        case .i64: copy(tensor.int64Data)
        case .i32: copy(tensor.int32Data)
        case .f16, .bf16, .i16: copy(tensor.int32Data.map { UInt16(truncatingIfNeeded: $0) })
        case .i8, .u8, .bool: copy(tensor.int32Data.map { UInt8(truncatingIfNeeded: $0) })
        }
    }
}

extension ElementType {
    fileprivate init?(_ type: OnnxTensor.DataType) {
        switch type {
        case .undefined: return nil
        case .float: self = .f32
        case .uint8: self = .u8
        case .int8: self = .i8
        case .int16: self = .i16
        case .int32: self = .i32
        case .int64: self = .i64
        case .bool: self = .bool
        case .float16: self = .f16
        case .double: self = .f64
        case .bfloat16: self = .bf16
        }
    }
}
