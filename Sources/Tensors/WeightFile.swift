/// Named tensors and metadata of a weight file in any supported format.
public struct WeightFile: Sendable {
    /// Name in error messages: a path, or a description of the tensors' origin.
    public let name: String
    public let tensors: [String: StoredTensor]
    /// Text by key, as in `__metadata__` of a safetensors header.
    public let metadata: [String: String]
    /// File format; safetensors if the tensors are not from a file.
    package let container: Container

    /// The supported file formats.
    package enum Container: Sendable {
        case safetensors
        case pytorch
        case onnx
        case numPyPickle

        /// Whether tensors can be used directly from the mapped file.
        package var isMappable: Bool { self != .onnx }

        /// Default file name.
        package var fileName: String {
            switch self {
            case .safetensors: "model.safetensors"
            case .pytorch: "model.pth"
            case .onnx: "model.onnx"
            case .numPyPickle: "model.pkl"
            }
        }
    }

    public init(name: String, tensors: [String: StoredTensor], metadata: [String: String] = [:]) {
        self.init(name: name, tensors: tensors, metadata: metadata, container: .safetensors)
    }

    init(
        name: String, tensors: [String: StoredTensor], metadata: [String: String] = [:],
        container: Container
    ) {
        self.name = name
        self.tensors = tensors
        self.metadata = metadata
        self.container = container
    }

    /// Opens a weight file: safetensors, a PyTorch checkpoint, an ONNX model, or a pickled array of NumPy, whose name is
    /// `array`.
    ///
    /// The format is detected from the first bytes, not from the name. The tensors of safetensors
    /// files and PyTorch checkpoints are mapped, not read.
    ///
    /// - Throws: `TensorError`.
    public static func open(_ path: String) throws(TensorError) -> WeightFile {
        try read(try ByteStorage(mapping: path), path: path)
    }

    /// Reads a weight file in memory; `path` is its name in error messages.
    package static func read(
        _ storage: ByteStorage, path: String
    ) throws(TensorError) -> WeightFile {
        switch storage.withBytes({ WeightFileFormat(recognising: $0) }) {
        case .safetensors: return try Safetensors.read(storage, path: path)
        case .onnx: return try Onnx.read(storage, path: path)
        case .zip: return try PyTorchCheckpoint.read(storage, path: path)
        case .legacyPyTorch: return try LegacyCheckpoint.read(storage, path: path)
        case .numPyPickle: return try NumPyPickle.read(storage, path: path)
        case .refused(let reason): throw .unknownContainer(path: path, reason: reason)
        }
    }
}
