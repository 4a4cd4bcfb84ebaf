import CZlib

extension ZipArchive {
    /// Decompresses a member piece by piece; no piece may leave `body`.
    ///
    /// Length and CRC-32 are checked at the end, so what `body` got is good only if nothing is thrown.
    /// A member cannot grow past the length that the archive claims for it.
    package func extract<Failure: Error>(
        _ member: Member, failing: (TensorError) -> Failure,
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        func refused(_ reason: String) -> Failure {
            failing(.malformed(path: path, place: "member '\(member.name)'", reason: reason))
        }
        var count = 0
        var checksum: UInt = 0
        func deliver(_ piece: UnsafeRawBufferPointer) throws(Failure) {
            count += piece.count
            guard count <= member.byteCount else {
                throw refused("longer than its \(member.byteCount) bytes")
            }
            checksum = crc32(
                checksum, piece.baseAddress?.assumingMemoryBound(to: UInt8.self),
                UInt32(piece.count))
            try body(piece)
        }
        try storage.withBytes { (bytes) throws(Failure) in
            let packed = UnsafeRawBufferPointer(rebasing: bytes[member.range])
            switch member.method {
            case .stored: try Self.cut(packed, deliver)
            case .deflated:
                guard try Self.inflate(packed, deliver) else { throw refused("damaged") }
            case .other(let method): throw refused("compressed by method \(method)")
            }
        }
        guard count == member.byteCount else {
            throw refused("\(count) bytes instead of \(member.byteCount)")
        }
        guard checksum == UInt(member.crc32) else { throw refused("the checksum differs") }
    }

    private static let pieceCount = 1 << 20

    private static func cut<Failure: Error>(
        _ bytes: UnsafeRawBufferPointer,
        _ deliver: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        for start in stride(from: 0, to: bytes.count, by: pieceCount) {
            let end = min(start + pieceCount, bytes.count)
            try deliver(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        }
    }

    /// Inflates a raw deflate stream; false if it is damaged or cut off.
    private static func inflate<Failure: Error>(
        _ bytes: UnsafeRawBufferPointer,
        _ deliver: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) -> Bool {
        var stream = z_stream()
        // A negative window size says that no zlib header stands before the stream.
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(&stream, -15, ZLIB_VERSION, size) == Z_OK else { return false }
        defer { inflateEnd(&stream) }
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceCount, alignment: 64)
        defer { piece.deallocate() }
        var rest = bytes
        while true {
            // The counters are 32 bits wide.
            let offered = min(rest.count, 1 << 30)
            stream.next_in = UnsafeMutableRawPointer(mutating: rest.baseAddress)?
                .assumingMemoryBound(to: UInt8.self)
            stream.avail_in = UInt32(offered)
            stream.next_out = piece.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.avail_out = UInt32(pieceCount)
            let status = CZlib.inflate(&stream, Z_NO_FLUSH)
            let taken = offered - Int(stream.avail_in)
            let made = pieceCount - Int(stream.avail_out)
            rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
            try deliver(UnsafeRawBufferPointer(rebasing: piece[..<made]))
            if status == Z_STREAM_END { return true }
            guard status == Z_OK, taken > 0 || made > 0 else { return false }
        }
    }
}
