/// The central directory of a zip archive, for PyTorch checkpoints and Python wheels.
///
/// Supports single-disk archives with stored and deflated members and zip64, without encryption.
/// Every offset is checked. Duplicate member names are errors, because readers disagree on which
/// one to use.
///
/// Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
package struct ZipArchive: Sendable {
    package enum Method: Equatable, Sendable {
        case stored
        case deflated
        case other(UInt16)
    }

    package struct Member: Sendable {
        package let name: String
        package let method: Method
        /// Byte range of the member's data, compressed or stored, in the archive.
        package let range: Range<Int>
        /// Declared size after decompression, in bytes.
        package let byteCount: Int
        package let crc32: UInt32
    }

    package let path: String
    let storage: ByteStorage
    private let members: [String: Member]

    package var names: [String] { members.keys.sorted() }

    package subscript(name: String) -> Member? { members[name] }

    /// Opens an archive and reads its central directory.
    ///
    /// - Throws: `TensorError.file` or `.malformed`.
    package init(path: String) throws(TensorError) {
        try self.init(try ByteStorage(mapping: path), path: path)
    }

    init(_ storage: ByteStorage, path: String) throws(TensorError) {
        self.path = path
        self.storage = storage
        do throws(ParseError) {
            members = try storage.withBytes { (bytes) throws(ParseError) in
                try Self.members(of: bytes)
            }
        } catch {
            throw .malformed(path: path, location: error.location, reason: error.reason)
        }
    }

    private struct ParseError: Error {
        var location: String
        var reason: String
    }

    private struct Directory {
        var range: Range<Int>
        var memberCount: Int
    }

    private static func members(
        of bytes: UnsafeRawBufferPointer
    ) throws(ParseError) -> [String: Member] {
        let directory = try directory(of: bytes)
        var members: [String: Member] = [:]
        var offset = directory.range.lowerBound
        for index in 0..<directory.memberCount {
            let (member, next) = try member(at: offset, of: bytes, index: index)
            guard next <= directory.range.upperBound else {
                throw ParseError(location: "the zip directory", reason: "longer than it claims")
            }
            guard members.updateValue(member, forKey: member.name) == nil else {
                throw ParseError(
                    location: "member '\(member.name)'", reason: "the name comes twice")
            }
            offset = next
        }
        return members
    }

    /// Finds the central directory from the end-of-central-directory record.
    private static func directory(of bytes: UnsafeRawBufferPointer) throws(ParseError) -> Directory
    {
        let location = "the end of the zip archive"
        // The record has 22 bytes and a comment of at most 65535 bytes up to the end of the file.
        let first = max(0, bytes.count - 22 - 0xffff)
        guard bytes.count >= 22,
            let end = (first...bytes.count - 22).reversed().first(where: {
                bytes.integer(at: $0, as: UInt32.self) == 0x0605_4b50
                    && bytes.integer(at: $0 + 20, as: UInt16.self).map(Int.init)
                        == bytes.count - $0 - 22
            }),
            var count = bytes.integer(at: end + 10, as: UInt16.self).map(UInt64.init),
            var size = bytes.integer(at: end + 12, as: UInt32.self).map(UInt64.init),
            var start = bytes.integer(at: end + 16, as: UInt32.self).map(UInt64.init)
        else { throw ParseError(location: location, reason: "no directory; the file is cut off") }
        if bytes.integer(at: end - 20, as: UInt32.self) == 0x0706_4b50,
            let record = bytes.integer(at: end - 12, as: UInt64.self).flatMap(Int.init(exactly:)),
            bytes.integer(at: record, as: UInt32.self) == 0x0606_4b50
        {
            guard let longCount = bytes.integer(at: record + 32, as: UInt64.self),
                let longSize = bytes.integer(at: record + 40, as: UInt64.self),
                let longStart = bytes.integer(at: record + 48, as: UInt64.self)
            else { throw ParseError(location: location, reason: "zip64 record cut off") }
            (count, size, start) = (longCount, longSize, longStart)
        }
        // A directory entry has at least 46 bytes, so the count is bounded by the file's length.
        guard start <= end, size <= UInt64(end) - start, count <= size / 46 else {
            throw ParseError(location: location, reason: "a directory outside of the file")
        }
        return Directory(range: Int(start)..<Int(start + size), memberCount: Int(count))
    }

    /// Reads the directory entry at `offset`; returns the member and the offset of the next entry.
    private static func member(
        at offset: Int, of bytes: UnsafeRawBufferPointer, index: Int
    ) throws(ParseError) -> (Member, next: Int) {
        func word(_ field: Int) -> UInt16? { bytes.integer(at: offset + field, as: UInt16.self) }
        func long(_ field: Int) -> UInt32? { bytes.integer(at: offset + field, as: UInt32.self) }
        guard long(0) == 0x0201_4b50, let flags = word(8), let method = word(10),
            let crc32 = long(16), let shortStoredCount = long(20), let shortCount = long(24),
            let nameCount = word(28), let extraCount = word(30), let commentCount = word(32),
            let shortHeader = long(42)
        else {
            throw ParseError(location: "entry \(index) of the zip directory", reason: "cut off")
        }
        let extraStart = offset + 46 + Int(nameCount)
        let extraEnd = extraStart + Int(extraCount)
        let next = extraEnd + Int(commentCount)
        guard let nameBytes = bytes.slice(offset + 46..<extraStart),
            let extra = bytes.slice(extraStart..<extraEnd)
        else {
            throw ParseError(location: "entry \(index) of the zip directory", reason: "cut off")
        }
        let name = String(decoding: nameBytes, as: UTF8.self)
        let location = "member '\(name)'"
        guard flags & 0x41 == 0 else { throw ParseError(location: location, reason: "encrypted") }

        var zip64 = Zip64Field(extra: extra)
        guard let count = zip64.widen(shortCount),
            let storedCount = zip64.widen(shortStoredCount),
            let header = zip64.widen(shortHeader),
            bytes.integer(at: header, as: UInt32.self) == 0x0403_4b50,
            let localNameCount = bytes.integer(at: header + 26, as: UInt16.self),
            let localExtraCount = bytes.integer(at: header + 28, as: UInt16.self)
        else { throw ParseError(location: location, reason: "no header where the directory says") }
        let start = header + 30 + Int(localNameCount) + Int(localExtraCount)
        guard start <= bytes.count, storedCount <= bytes.count - start else {
            throw ParseError(location: location, reason: "reaches past the end of the file")
        }
        let memberMethod: Method =
            switch method {
            case 0: .stored
            case 8: .deflated
            default: .other(method)
            }
        guard memberMethod != .stored || storedCount == count else {
            throw ParseError(
                location: location, reason: "two lengths, \(storedCount) and \(count) bytes")
        }
        return (
            Member(
                name: name, method: memberMethod, range: start..<start + storedCount,
                byteCount: count, crc32: crc32),
            next
        )
    }
}

/// The zip64 extra field (ID 1): 64-bit values, in order, for the 32-bit fields that are all ones.
private struct Zip64Field {
    private var values: [UInt64] = []

    init(extra: UnsafeRawBufferPointer) {
        var offset = 0
        while let id = extra.integer(at: offset, as: UInt16.self),
            let count = extra.integer(at: offset + 2, as: UInt16.self)
        {
            offset += 4
            if id == 1 {
                for field in stride(from: offset, to: offset + Int(count) - 7, by: 8) {
                    if let value = extra.integer(at: field, as: UInt64.self) {
                        values.append(value)
                    }
                }
                return
            }
            offset += Int(count)
        }
    }

    /// The field's value; nil if the 64-bit value is missing or does not fit in an `Int`.
    mutating func widen(_ short: UInt32) -> Int? {
        guard short == .max else { return Int(short) }
        return values.isEmpty ? nil : Int(exactly: values.removeFirst())
    }
}
