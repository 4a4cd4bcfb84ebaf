internal import CZlib
package import Foundation

/// Decompression of deflate streams (RFC 1951, 1952).
package enum Inflation {
    /// What surrounds a deflate stream.
    package enum Container: Int32 {
        /// Nothing: a member of a zip archive.
        case none = -15
        /// Header and checksum of a gzip file.
        case gzip = 31
    }

    /// Size of a chunk in bytes.
    private static let chunkSize = 1 << 20

    /// The content of a stream; nil if it is damaged, truncated, or has more than `limit` bytes.
    package static func contents(of data: Data, from container: Container, limit: Int) -> [UInt8]? {
        struct TooLong: Error {}
        var contents: [UInt8] = []
        let isWhole = try? data.withUnsafeBytes { bytes in
            try inflate(bytes, from: container) { (chunk) throws in
                guard contents.count + chunk.count <= limit else { throw TooLong() }
                contents += chunk
            }
        }
        return isWhole == true ? contents : nil
    }

    /// Inflates a stream chunk by chunk; returns false if it is damaged or truncated. The pointers must not leave
    /// `deliver`, and what was delivered is only valid if the result is true.
    package static func inflate<Failure: Error>(
        _ bytes: UnsafeRawBufferPointer, from container: Container,
        _ deliver: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) -> Bool {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(&stream, container.rawValue, ZLIB_VERSION, size) == Z_OK else {
            return false
        }
        defer { inflateEnd(&stream) }
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkSize, alignment: 64)
        defer { chunk.deallocate() }
        var remaining = bytes
        while true {
            // zlib's counters have 32 bits.
            let available = min(remaining.count, 1 << 30)
            stream.next_in = UnsafeMutableRawPointer(mutating: remaining.baseAddress)?
                .assumingMemoryBound(to: UInt8.self)
            stream.avail_in = UInt32(available)
            stream.next_out = chunk.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.avail_out = UInt32(chunkSize)
            let status = CZlib.inflate(&stream, Z_NO_FLUSH)
            let consumed = available - Int(stream.avail_in)
            let produced = chunkSize - Int(stream.avail_out)
            remaining = UnsafeRawBufferPointer(rebasing: remaining[consumed...])
            try deliver(UnsafeRawBufferPointer(rebasing: chunk[..<produced]))
            if status == Z_STREAM_END { return true }
            guard status == Z_OK, consumed > 0 || produced > 0 else { return false }
        }
    }
}
