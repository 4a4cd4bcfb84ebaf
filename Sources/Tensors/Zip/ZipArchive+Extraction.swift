internal import CZlib
internal import Files

extension ZipArchive {
    /// Maximum length of a deflated member, as a multiple of its compressed length. Weights shrink
    /// by a tenth, by half if they are F32 with the precision of F16.
    static let expansionLimit = 32
    /// Length that any deflated member may have, in bytes.
    static let expansionAllowance = 16 << 20

    /// Decompresses a member chunk by chunk; the pointers must not leave `body`.
    ///
    /// Length and CRC-32 are checked at the end, so the chunks are valid only if no error is
    /// thrown. No more bytes are produced than the member's declared length.
    ///
    /// - Parameter failing: Converts errors of this method.
    package func extract<Failure: Error>(
        _ member: Member, failing: (TensorError) -> Failure,
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        func malformed(_ reason: String) -> Failure {
            failing(.malformed(path: path, location: "member '\(member.name)'", reason: reason))
        }
        guard
            member.method != .deflated
                || member.byteCount <= Self.expansionAllowance
                || member.byteCount / Self.expansionLimit <= member.range.count
        else {
            throw malformed(
                "\(member.byteCount) bytes in \(member.range.count); numbers do not shrink so far")
        }
        var count = 0
        var checksum: UInt = 0
        func deliver(_ chunk: UnsafeRawBufferPointer) throws(Failure) {
            count += chunk.count
            guard count <= member.byteCount else {
                throw malformed("longer than its \(member.byteCount) bytes")
            }
            checksum = crc32(
                checksum, chunk.baseAddress?.assumingMemoryBound(to: UInt8.self),
                UInt32(chunk.count))
            try body(chunk)
        }
        try storage.withBytes { (bytes) throws(Failure) in
            let compressed = UnsafeRawBufferPointer(rebasing: bytes[member.range])
            switch member.method {
            case .stored: try Self.split(compressed, deliver)
            case .deflated:
                guard try Inflation.inflate(compressed, from: .none, deliver) else {
                    throw malformed("damaged")
                }
            case .other(let method): throw malformed("compressed by method \(method)")
            }
        }
        guard count == member.byteCount else {
            throw malformed("\(count) bytes instead of \(member.byteCount)")
        }
        guard checksum == UInt(member.crc32) else { throw malformed("the checksum differs") }
    }

    /// Chunk size in bytes.
    private static let chunkSize = 1 << 20

    private static func split<Failure: Error>(
        _ bytes: UnsafeRawBufferPointer,
        _ deliver: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        for start in stride(from: 0, to: bytes.count, by: chunkSize) {
            let end = min(start + chunkSize, bytes.count)
            try deliver(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        }
    }
}
