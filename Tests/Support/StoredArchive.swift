public import Foundation

/// A zip archive of stored (uncompressed) members, with CRC-32 checksums.
public func storedArchive(_ members: [(name: String, content: Data)]) -> Data {
    func bytes<Integer: FixedWidthInteger>(_ value: Integer) -> Data {
        withUnsafeBytes(of: value.littleEndian) { Data($0) }
    }
    var file = Data()
    var directory = Data()
    for (name, content) in members {
        let start = UInt32(file.count)
        // Flags, method, time, date; checksum; compressed and uncompressed size; lengths of name
        // and extra field.
        let common =
            Data(count: 8) + bytes(crc32(content)) + bytes(UInt32(content.count))
            + bytes(UInt32(content.count)) + bytes(UInt16(name.utf8.count)) + bytes(UInt16(0))
        file += bytes(UInt32(0x0403_4b50)) + bytes(UInt16(20)) + common + Data(name.utf8) + content
        directory += bytes(UInt32(0x0201_4b50)) + bytes(UInt32(20 << 16 | 20)) + common
        directory += Data(count: 10) + bytes(start) + Data(name.utf8)
    }
    let start = UInt32(file.count)
    let count = UInt16(members.count)
    file += directory
    file += bytes(UInt32(0x0605_4b50)) + bytes(UInt32(0)) + bytes(count) + bytes(count)
    file += bytes(UInt32(directory.count)) + bytes(start) + bytes(UInt16(0))
    return file
}
