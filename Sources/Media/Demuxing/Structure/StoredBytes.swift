import CFFmpeg

/// Random access to the bytes of an input whose packets have been read: all bytes of a file, the
/// first and last of a pipe, none of a URL.
struct StoredBytes {
    /// Number of bytes of the input.
    let count: Int64
    private let stream: ByteStream

    /// - Returns: Nil if the number of bytes is unknown.
    init?(_ stream: ByteStream) {
        guard let count = stream.byteCount else { return nil }
        self.count = count
        self.stream = stream
    }

    /// Whether all bytes are stored.
    var isWhole: Bool { stream.isStoredWhole }

    /// Bytes from an offset on; fewer at the end of the input, none if they are not stored.
    func bytes(at offset: Int64, count: Int) -> [UInt8] {
        guard offset >= 0, offset < self.count, count > 0 else { return [] }
        return stream.stored(at: offset, count: Int(min(Int64(count), self.count - offset)))
    }

    /// Exactly `count` bytes from an offset on; nil if they are not all stored.
    func exactly(_ count: Int, at offset: Int64) -> [UInt8]? {
        let bytes = bytes(at: offset, count: count)
        return bytes.count == count ? bytes : nil
    }
}

extension Collection<UInt8> {
    /// The bytes as an unsigned big-endian number, at most eight; saturated at `Int64.max`.
    var bigEndian: Int64 {
        Int64(clamping: reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    /// The bytes as an unsigned little-endian number, at most eight; saturated at `Int64.max`.
    var littleEndian: Int64 { Array(reversed()).bigEndian }

    /// Whether the bytes are the ASCII characters of `text`.
    func spell(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { elementsEqual($0) }
    }
}

extension Int64 {
    /// The sum; saturated at `Int64.max`.
    func clampedAdding(_ other: Int64) -> Int64 {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? .max : sum
    }
}
