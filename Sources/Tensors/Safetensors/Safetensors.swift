internal import TextFormats

/// The safetensors format: 8 bytes of header length, a JSON header, the tensors' bytes.
///
/// Source: https://github.com/huggingface/safetensors, "Format".
public enum Safetensors {
    /// The reference implementation's limit on the header length, in bytes.
    static let headerLimit = 100_000_000
    /// Maximum number of a tensor's dimensions, that of NumPy.
    static let dimensionLimit = 64
    static let metadataKey = "__metadata__"

    /// Reads the header. As in the reference implementation, the tensors' bytes must be contiguous,
    /// without overlap, from the header to the end of the file.
    ///
    /// - Throws: `TensorError.malformed`.
    static func read(_ storage: ByteStorage, path: String) throws(TensorError) -> WeightFile {
        func malformed(_ location: String, _ reason: String) -> TensorError {
            .malformed(path: path, location: location, reason: reason)
        }
        let length = try storage.withBytes { (bytes) throws(TensorError) in
            guard let length = bytes.integer(at: 0, as: UInt64.self) else {
                throw malformed("the header", "shorter than 8 bytes")
            }
            guard length <= headerLimit, bytes.slice(8..<8 + Int(length)) != nil else {
                throw malformed("the header", "claims \(length) bytes")
            }
            return Int(length)
        }
        let bodyStart = 8 + length
        let bodyCount = storage.count - bodyStart
        var tensors: [String: StoredTensor] = [:]
        var metadata: [String: String] = [:]
        var ranges: [(range: Range<Int>, name: String)] = []
        func read(_ entry: JSONValue.Member) throws(TensorError) {
            let (name, value) = (entry.key, entry.value)
            if name == metadataKey {
                guard let strings = value.strings else {
                    throw malformed(name, "not a map of texts")
                }
                metadata = strings
                return
            }
            let location = "tensor '\(name)'"
            guard let typeName = value["dtype"]?.stringValue,
                let shape = value["shape"]?.integers, let offsets = value["data_offsets"]?.integers,
                offsets.count == 2
            else {
                throw malformed(
                    location, "dtype, shape or data_offsets is missing or no integer")
            }
            guard shape.count <= dimensionLimit else {
                throw malformed(location, "\(shape.count) dimensions")
            }
            guard 0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= bodyCount else {
                throw malformed(
                    location, "bytes \(offsets[0]) to \(offsets[1]) of a body of \(bodyCount)")
            }
            ranges.append((offsets[0]..<offsets[1], name))
            // Tensors of dtypes not used for weights (U16, F8, complex) are skipped.
            guard let dtype = DType(rawValue: typeName) else { return }
            guard let byteCount = dtype.byteCount(shape: shape) else {
                throw malformed(location, "impossible shape \(shape)")
            }
            guard offsets[1] - offsets[0] == byteCount else {
                throw malformed(
                    location, "\(offsets[1] - offsets[0]) bytes for \(typeName) \(shape)")
            }
            let tensor = StoredTensor(
                shape: shape, dtype: dtype, storage: storage,
                range: bodyStart + offsets[0]..<bodyStart + offsets[1])
            // Keys of JSON are compared by bytes.
            guard tensors.updateValue(tensor, forKey: name) == nil else {
                throw malformed(location, "another tensor's name is equal after normalization")
            }
        }
        // One tensor after the other: the whole header as JSON would take 18 times its length.
        try storage.withBytes { (bytes) throws(TensorError) in
            try JSONValue.readMembers(
                of: UnsafeRawBufferPointer(rebasing: bytes[8..<bodyStart]),
                failing: { malformed("the header, byte \($0.offset)", $0.reason) }, read)
        }
        var end = 0
        ranges.sort {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        for (range, name) in ranges {
            guard range.lowerBound == end else {
                throw malformed(
                    "tensor '\(name)'", "starts at byte \(range.lowerBound) instead of \(end)")
            }
            end = range.upperBound
        }
        guard end == bodyCount else {
            throw malformed("the end", "\(bodyCount - end) bytes belong to no tensor")
        }
        return WeightFile(name: path, tensors: tensors, metadata: metadata)
    }
}

extension JSONValue {
    /// The elements of an array of integers; nil for other values.
    fileprivate var integers: [Int]? {
        guard let elements = arrayValue else { return nil }
        // As the reference implementation, which takes no `1.0` for a length.
        let integers = elements.compactMap {
            if case .integer(let integer) = $0 { integer } else { nil }
        }
        return integers.count == elements.count ? integers : nil
    }

    /// The members of an object of strings; nil for other values.
    fileprivate var strings: [String: String]? {
        guard let members else { return nil }
        var strings: [String: String] = [:]
        for member in members {
            guard let string = member.value.stringValue else { return nil }
            strings[member.key] = string
        }
        return strings
    }
}
