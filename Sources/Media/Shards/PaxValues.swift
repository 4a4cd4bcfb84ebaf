/// The values of a pax header that concern the bytes of members: `path`, `size`, and whether a file has
/// holes. Those of times, owners and attributes are ignored.
///
/// Source: POSIX.1-2017, `pax`, "pax Extended Header"; GNU tar 1.34, "Storing Sparse Files".
struct PaxValues {
    private(set) var name: [UInt8]?
    private(set) var byteCount: Int?
    private(set) var isSparse = false

    /// Adds records, `LENGTH KEYWORD=VALUE\n` each, which replace those of the same keyword.
    mutating func add(_ records: [UInt8]) throws(TarHeader.Damage) {
        var rest = records[...]
        while let first = rest.first, first != 0 {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            // A record is no longer than the header, which has at most seven digits.
            guard (1...7).contains(digits.count), let length = Int(Substring(decoding: digits)),
                length > digits.count + 2, length <= rest.count,
                rest[rest.startIndex + digits.count] == 0x20,
                rest[rest.startIndex + length - 1] == 0x0a
            else { throw .init(reason: "a pax header is damaged") }
            let record = rest.prefix(length - 1).dropFirst(digits.count + 1)
            rest = rest.dropFirst(length)
            guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
                throw .init(reason: "a pax header is damaged")
            }
            try set(record[..<equals], to: record[(equals + 1)...])
        }
    }

    private mutating func set(
        _ keyword: ArraySlice<UInt8>, to value: ArraySlice<UInt8>
    ) throws(TarHeader.Damage) {
        if keyword.elementsEqual("path".utf8) {
            // GNU's own keyword for the name of a file with holes comes first.
            if !isSparse || name == nil { name = Array(value) }
        } else if keyword.elementsEqual("size".utf8) {
            guard !value.isEmpty, value.allSatisfy({ (0x30...0x39).contains($0) }),
                let size = Int(Substring(decoding: value))
            else { throw .init(reason: "the size of a member is no size") }
            byteCount = size
        } else if keyword.starts(with: "GNU.sparse.".utf8) {
            isSparse = true
            if keyword.elementsEqual("GNU.sparse.name".utf8) { name = Array(value) }
        }
    }
}

extension Substring {
    /// ASCII bytes as text.
    fileprivate init(decoding bytes: ArraySlice<UInt8>) {
        self = String(decoding: bytes, as: UTF8.self)[...]
    }
}
