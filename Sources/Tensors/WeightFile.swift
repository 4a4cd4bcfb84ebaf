/// Named tensors and text metadata of one file, whatever its container.
public struct WeightFile: Sendable {
    /// What messages call it: a path, or what made it.
    public let name: String
    public let tensors: [String: StoredTensor]
    /// Free text, as in a safetensors header's `__metadata__`.
    public let metadata: [String: String]

    public init(name: String, tensors: [String: StoredTensor], metadata: [String: String] = [:]) {
        self.name = name
        self.tensors = tensors
        self.metadata = metadata
    }

    /// Opens a weight file; the container is recognised by its first bytes, not by its name.
    ///
    /// Nothing but the table of contents is read.
    public static func open(_ path: String) throws(TensorError) -> WeightFile {
        let storage = try ByteStorage(mapping: path)
        return try Safetensors.read(storage, path: path)
    }
}
