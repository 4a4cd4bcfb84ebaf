/// Reads an array of NumPy that `pickle.dump` wrote, in the protocols 2 to 5.
///
/// The pickle is not executed, see `Pickle.Global`. Elements in the file are mapped; only those of protocol 2, which are
/// encoded, and arrays in Fortran order are copied.
package enum NumPyPickle {
    /// The name of the array, which has none in its file.
    package static let arrayName = "array"

    static func read(_ storage: ByteStorage, path: String) throws(TensorError) -> WeightFile {
        guard storage.count <= PyTorchCheckpoint.pickleByteLimit else {
            throw .unknownContainer(
                path: path,
                reason: """
                    is a pickle of more than \(PyTorchCheckpoint.pickleByteLimit >> 20) MiB; save its tensors by \
                    torch.save, or as safetensors
                    """)
        }
        let pickle = try PyTorchCheckpoint.unpickle(
            storage, 0..<storage.count, path: path, location: "the pickle"
        ).pickle
        guard case .tensor(let index) = pickle.root else {
            throw .unknownContainer(
                path: path,
                reason: """
                    is a pickle that is neither of torch.save nor an array of NumPy; save its tensors by \
                    torch.save, or as safetensors
                    """)
        }
        let tensors = try PyTorchCheckpoint.tensors(
            [arrayName: index], of: pickle,
            in: .init(storage: storage, path: path) { (_) throws(TensorError) in nil })
        return WeightFile(name: path, tensors: tensors, container: .numPyPickle)
    }
}
