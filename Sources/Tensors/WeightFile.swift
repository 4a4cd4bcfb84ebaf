/// Named tensors and text metadata of one file, whatever its container.
public struct WeightFile: Sendable {
    /// What messages call it: a path, or what made it.
    public let name: String
    public let tensors: [String: StoredTensor]
    /// Free text, as in a safetensors header's `__metadata__`.
    public let metadata: [String: String]
    /// What the tensors were read from; safetensors if they never were in a file.
    package let container: Container

    /// The file formats that are read.
    package enum Container: Sendable {
        case safetensors
        case pytorch
        case onnx

        /// Whether tensors can be used where they lie in the file.
        package var isMappable: Bool { self != .onnx }

        /// What a file in this format is called if nobody named it.
        package var fileName: String {
            switch self {
            case .safetensors: "model.safetensors"
            case .pytorch: "model.pth"
            case .onnx: "model.onnx"
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

    /// Opens a weight file: safetensors, a PyTorch checkpoint (zip), or an ONNX model.
    ///
    /// The container is recognised by its first bytes, not by its name. Of safetensors and PyTorch
    /// checkpoints nothing but the table of contents is read, the tensors stay mapped.
    public static func open(_ path: String) throws(TensorError) -> WeightFile {
        let storage = try ByteStorage(mapping: path)
        switch storage.withBytes({ WeightContainer(recognising: $0) }) {
        case .safetensors: return try Safetensors.read(storage, path: path)
        case .onnx: return try Onnx.read(storage, path: path)
        case .zip: return try PyTorchCheckpoint.read(storage, path: path)
        case .refused(let reason): throw .unknownContainer(path: path, reason: reason)
        }
    }
}
