import Foundation
import SwiftProtobuf

/// Reads the weights of an ONNX model: its graph's initializers, with PyTorch's names and layout.
///
/// Source: the ONNX specification, `onnx.proto`; `Onnx.proto` has the subset that is read.
enum Onnx {
    /// Protocol buffers are limited to 2 GiB.
    static let byteLimit = Int(Int32.max)

    /// Whether a file may be an ONNX model: it starts with field 1, a small IR version.
    static func recognises(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count > 2 && bytes[0] == 0x08 && (1..<64).contains(bytes[1])
    }

    static func read(_ storage: ByteStorage, path: String) throws(TensorError) -> WeightFile {
        guard storage.count <= byteLimit else {
            throw .unknownContainer(path: path, reason: "is larger than an ONNX file can be")
        }
        guard storage.withBytes({ OnnxScan.isProportionate($0) }) else {
            throw .malformed(
                path: path, location: "the ONNX model",
                reason: "more nodes and names than its length allows")
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
            throw .malformed(path: path, location: "the ONNX model", reason: "\(error)")
        }
        var initializers: [String: StoredTensor] = [:]
        for tensor in model.graph.initializer {
            // Tensors of dtypes not used for weights (strings, complex, 4-bit) are skipped.
            guard let stored = try read(tensor, path: path) else { continue }
            guard initializers.updateValue(stored, forKey: tensor.name) == nil else {
                throw .malformed(
                    path: path, location: "tensor '\(tensor.name)'", reason: "the name comes twice")
            }
        }
        guard !initializers.isEmpty else {
            throw .unknownContainer(
                path: path, reason: "has no weights; is it an ONNX model with its initializers?")
        }
        guard let tensors = OnnxNames(nodes: model.graph.node).restore(initializers) else {
            throw .outOfMemory(path: path)
        }
        return WeightFile(name: path, tensors: tensors, container: .onnx)
    }

    /// Nil for a tensor of an unsupported dtype.
    private static func read(
        _ tensor: OnnxTensor, path: String
    ) throws(TensorError) -> StoredTensor? {
        let location = "tensor '\(tensor.name)'"
        guard tensor.dataLocation == .default else {
            throw .unknownContainer(
                path: path,
                reason: """
                    keeps its weights in a second file; join them with: python3 -c "import onnx; \
                    onnx.save(onnx.load('model.onnx'), 'joined.onnx')"
                    """)
        }
        guard let type = OnnxTensor.DataType(rawValue: Int(tensor.dataType)),
            let dtype = DType(type)
        else { return nil }
        let shape = tensor.dims.map { Int(clamping: $0) }
        guard let byteCount = dtype.byteCount(shape: shape) else {
            throw .malformed(path: path, location: location, reason: "impossible shape \(shape)")
        }
        guard let storage = storage(of: tensor, dtype) else { throw .outOfMemory(path: path) }
        guard storage.count == byteCount else {
            throw .malformed(
                path: path, location: location,
                reason: "\(storage.count) bytes for \(dtype.rawValue) \(shape)")
        }
        return StoredTensor(
            shape: shape, dtype: dtype, storage: storage, range: 0..<byteCount)
    }

    private static func storage(of tensor: OnnxTensor, _ dtype: DType) -> ByteStorage? {
        func copy<Element>(_ elements: [Element]) -> ByteStorage? {
            elements.withUnsafeBytes { ByteStorage(copying: $0) }
        }
        if tensor.hasRawData { return tensor.rawData.withUnsafeBytes { ByteStorage(copying: $0) } }
        return switch dtype {
        case .f64: copy(tensor.doubleData)
        case .f32: copy(tensor.floatData)
        case .i64: copy(tensor.int64Data)
        case .i32: copy(tensor.int32Data)
        case .f16, .bf16, .i16: copy(tensor.int32Data.map { UInt16(truncatingIfNeeded: $0) })
        case .i8, .u8, .bool: copy(tensor.int32Data.map { UInt8(truncatingIfNeeded: $0) })
        }
    }
}

extension DType {
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
