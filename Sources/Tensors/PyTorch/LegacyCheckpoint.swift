/// Reads files that `torch.save` wrote before PyTorch 1.6: five pickles, of which the fourth describes the tensors and
/// the fifth lists the keys of their storages, and then each storage's number of elements, 8 bytes, and elements.
///
/// Source: PyTorch, `torch/serialization.py`, `_legacy_save`.
enum LegacyCheckpoint {
    /// The first pickle: protocol 2, the integer 0x1950a86a20f9469cfc6c, and the end.
    static let magic: [UInt8] = [
        0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
    ]
    /// Bytes of the number of elements before a storage.
    private static let countSize = 8

    static func read(_ storage: ByteStorage, path: String) throws(TensorError) -> WeightFile {
        var offset = magic.count
        func next(_ location: String) throws(TensorError) -> Pickle {
            let end = min(storage.count, offset + PyTorchCheckpoint.pickleByteLimit)
            let (pickle, byteCount) = try PyTorchCheckpoint.unpickle(
                storage, offset..<end, path: path, location: location)
            offset += byteCount
            return pickle
        }
        guard case .integer(1001) = try next("the version").root else {
            throw .unknownContainer(path: path, reason: "is of an unknown version of PyTorch")
        }
        guard isLittleEndian(try next("the machine")) else {
            throw .unknownContainer(
                path: path,
                reason: "was saved on a big-endian machine; load and save it on a common one")
        }
        let pickle = try next("the state dict")
        let keys = try next("the list of storages")
        let ranges = try ranges(of: keys, pickle, storage, from: offset, path: path)
        return try PyTorchCheckpoint.weights(
            of: pickle,
            in: .init(storage: storage, path: path) { (key) throws(TensorError) in ranges[key] },
            location: "the state dict")
    }

    private static func isLittleEndian(_ pickle: Pickle) -> Bool {
        guard case .dictionary(let index) = pickle.root else { return false }
        return pickle.dictionaries[index].contains { key, value in
            if case (.text("little_endian"), .bool(true)) = (key, value) { true } else { false }
        }
    }

    /// The bytes of each storage by its key.
    private static func ranges(
        of keys: Pickle, _ pickle: Pickle, _ storage: ByteStorage, from start: Int, path: String
    ) throws(TensorError) -> [String: Range<Int>] {
        func malformed(_ reason: String) -> TensorError {
            .malformed(path: path, location: "the storages", reason: reason)
        }
        guard case .sequence(let index) = keys.root else {
            throw malformed("their keys are no list")
        }
        var sizes: [String: Int] = [:]
        for storage in pickle.storages {
            if case .key(let key) = storage.location { sizes[key] = storage.dtype.byteCount }
        }
        var ranges: [String: Range<Int>] = [:]
        var offset = start
        for value in keys.sequences[index] {
            guard case .text(let key) = value, let size = sizes[key] else {
                throw malformed("a key that no tensor has")
            }
            let count = storage.withBytes { $0.integer(at: offset, as: Int64.self) }
            offset += countSize
            guard let count, count >= 0, offset <= storage.count,
                count <= (storage.count - offset) / size
            else { throw malformed("the elements of '\(key)' are cut off") }
            ranges[key] = offset..<offset + Int(count) * size
            offset += Int(count) * size
        }
        return ranges
    }
}
