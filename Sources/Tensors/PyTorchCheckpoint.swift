enum PyTorchCheckpoint {
    static func read(_ storage: ByteStorage, path: String) throws(TensorError) -> WeightFile {
        throw .unknownContainer(path: path, reason: "")
    }
}
