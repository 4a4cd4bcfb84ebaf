internal import JSON

/// The safetensors container: 8 bytes of header length, a JSON header, the tensors' bytes.
///
/// Source: https://github.com/huggingface/safetensors, "Format".
public enum Safetensors {
    /// The reference implementation's own limit on the header, in bytes.
    static let headerLimit = 100_000_000
    static let metadataKey = "__metadata__"

    /// Reads the table of contents, as strictly as the reference implementation: the tensors' bytes
    /// must follow each other without gap or overlap from the header to the end of the file.
    static func read(_ storage: ByteStorage, path: String) throws(TensorError) -> WeightFile {
        func malformed(_ place: String, _ reason: String) -> TensorError {
            .malformed(path: path, place: place, reason: reason)
        }
        let entries: [JSONValue.Member]
        let bodyStart: Int
        (entries, bodyStart) = try storage.withBytes { (bytes) throws(TensorError) in
            guard let length = bytes.integer(at: 0, as: UInt64.self) else {
                throw malformed("the header", "shorter than 8 bytes")
            }
            guard length <= headerLimit, let header = bytes.slice(8..<8 + Int(length)) else {
                throw malformed("the header", "claims \(length) bytes")
            }
            do throws(JSONValue.Refusal) {
                guard case .object(let entries) = try JSONValue(parsing: header) else {
                    throw .init(offset: 0, reason: "not a JSON object")
                }
                return (entries, 8 + Int(length))
            } catch {
                throw malformed("the header, byte \(error.offset)", error.reason)
            }
        }

        let bodyCount = storage.count - bodyStart
        var tensors: [String: StoredTensor] = [:]
        var metadata: [String: String] = [:]
        var ranges: [(range: Range<Int>, name: String)] = []
        for entry in entries {
            let (name, value) = (entry.key, entry.value)
            if name == metadataKey {
                guard let texts = value.texts else { throw malformed(name, "not a map of texts") }
                metadata = texts
                continue
            }
            let place = "tensor '\(name)'"
            guard let typeName = value["dtype"]?.stringValue,
                let shape = value["shape"]?.integers, let offsets = value["data_offsets"]?.integers,
                offsets.count == 2
            else { throw malformed(place, "dtype, shape or data_offsets is missing or no integer") }
            guard 0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= bodyCount else {
                throw malformed(
                    place, "bytes \(offsets[0]) to \(offsets[1]) of a body of \(bodyCount)")
            }
            ranges.append((offsets[0]..<offsets[1], name))
            // Types that no weight has (U16, F8, complex) are skipped like tensors nobody asks for.
            guard let elementType = ElementType(rawValue: typeName) else { continue }
            guard let byteCount = elementType.byteCount(shape: shape) else {
                throw malformed(place, "impossible shape \(shape)")
            }
            guard offsets[1] - offsets[0] == byteCount else {
                throw malformed(
                    place, "\(offsets[1] - offsets[0]) bytes for \(typeName) \(shape)")
            }
            tensors[name] = StoredTensor(
                shape: shape, elementType: elementType, storage: storage,
                range: bodyStart + offsets[0]..<bodyStart + offsets[1])
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
    /// An array of integers, or nil.
    fileprivate var integers: [Int]? {
        guard let elements = arrayValue else { return nil }
        let integers = elements.compactMap(\.integerValue)
        return integers.count == elements.count ? integers : nil
    }

    /// An object whose values are texts, or nil.
    fileprivate var texts: [String: String]? {
        guard let members else { return nil }
        var texts: [String: String] = [:]
        for member in members {
            guard let text = member.value.stringValue else { return nil }
            texts[member.key] = text
        }
        return texts
    }
}
