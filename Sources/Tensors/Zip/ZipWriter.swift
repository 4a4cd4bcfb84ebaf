internal import CZlib
package import Files
import Foundation

/// Writes a zip archive of stored members, without zip64: each member and the archive have less
/// than 4 GiB.
///
/// The output is deterministic: time stamps are 1980-01-01, the first that the format has.
///
/// Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
package struct ZipWriter<Failure: Error> {
    private let file: AtomicFile<Failure>
    private var directory = Data()
    private var memberCount: UInt16 = 0
    private var offset: UInt32 = 0

    /// Writes the members that `body` appends to `path`, atomically.
    package static func write(
        to path: String, failing: @escaping (FileError) -> Failure,
        _ body: (inout ZipWriter) throws(Failure) -> Void
    ) throws(Failure) {
        try AtomicFile.write(to: path, failing: failing) { (file) throws(Failure) in
            var writer = ZipWriter(file: file)
            try body(&writer)
            try writer.finish()
        }
    }

    private init(file: AtomicFile<Failure>) { self.file = file }

    /// Appends a member, whose content is `parts` in order.
    ///
    /// - Precondition: The archive stays below 4 GiB, and has fewer than 65 536 members.
    package mutating func append(
        _ name: String, _ parts: [UnsafeRawBufferPointer]
    ) throws(Failure) {
        let byteCount = UInt32(parts.reduce(0) { $0 + $1.count })
        var checksum: UInt = 0
        for part in parts {
            checksum = crc32_z(
                checksum, part.baseAddress?.assumingMemoryBound(to: UInt8.self), part.count)
        }
        // Version 2.0, no flags, stored, midnight of 1980-01-01.
        var common = Data()
        for word in [20, 0, 0, 0, 0x21] as [UInt16] { common.append(word) }
        common.append(UInt32(checksum))
        common.append(byteCount)
        common.append(byteCount)
        common.append(UInt16(name.utf8.count))
        common.append(0 as UInt16)
        var header = Data()
        header.append(0x0403_4b50 as UInt32)
        header += common
        header += Data(name.utf8)
        directory.append(0x0201_4b50 as UInt32)
        directory.append(20 as UInt16)
        directory += common
        // No comment, disk 0, no attributes.
        for word in [0, 0, 0, 0, 0] as [UInt16] { directory.append(word) }
        directory.append(offset)
        directory += Data(name.utf8)
        try file.append(header)
        for part in parts { try file.append(part) }
        offset += UInt32(header.count) + byteCount
        memberCount += 1
    }

    private func finish() throws(Failure) {
        var end = Data()
        end.append(0x0605_4b50 as UInt32)
        for word in [0, 0, memberCount, memberCount] { end.append(word) }
        end.append(UInt32(directory.count))
        end.append(offset)
        end.append(0 as UInt16)
        try file.append(directory + end)
    }
}

extension Data {
    fileprivate mutating func append(_ integer: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
    }
}
