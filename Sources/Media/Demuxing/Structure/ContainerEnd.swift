/// Where a container ends according to its own structure: its headers, chunk sizes and pages.
///
/// A file that is shorter was cut off. Formats without an entry declare no length (raw H.264,
/// MPEG program streams, IVF) or are checked by the demuxer (Y4M, NUT): there only a damaged last
/// frame reveals a cut.
struct ContainerEnd: Sendable {
    /// FFmpeg's name of the demuxer; the first of several names.
    let format: String
    /// The offset that the structure reaches; nil if it cannot tell.
    let offset: @Sendable (StoredBytes) -> Int64?

    static let all: [ContainerEnd] = [.avi, .asf, .flv, .gif, .matroska, .mov, .mxf, .ogg]

    /// The offset at which a container of this format ends; nil if unknown.
    static func offset(format: String, in bytes: StoredBytes) -> Int64? {
        let name = format.prefix { $0 != "," }
        return all.first { $0.format == name }?.offset(bytes)
    }
}

// MARK: - Formats of chunks with sizes

extension ContainerEnd {
    /// The end of the last `movi` list. The index behind it may be missing: no frame is. A size of
    /// 0 or 2³² − 1, written by muxers that could not seek, is unknown.
    static let avi = ContainerEnd(format: "avi") { bytes in
        var offset: Int64 = 0
        var end: Int64?
        // The parts of an OpenDML file follow each other.
        while let riff = bytes.exactly(12, at: offset), riff[0..<4].spell("RIFF") {
            let size = riff[4..<8].littleEndian
            guard size > 0, size < 0xFFFF_FFF0 else { return nil }
            var chunk = offset + 12
            while chunk < offset + 8 + size, let header = bytes.exactly(12, at: chunk) {
                let length = header[4..<8].littleEndian
                if header[0..<4].spell("LIST"), header[8..<12].spell("movi") {
                    guard length > 0, length < 0xFFFF_FFF0 else { return nil }
                    end = chunk + 8 + length
                    break
                }
                chunk += 8 + length + length % 2
            }
            offset += 8 + size + size % 2
        }
        return end
    }

    /// The end of the data object, which follows the header object. A size of 0 marks a broadcast.
    ///
    /// Source: Advanced Systems Format Specification, sections 2.1, 3.1 and 5.1.
    static let asf = ContainerEnd(format: "asf") { bytes in
        guard let header = bytes.exactly(24, at: 0) else { return nil }
        let start = header[16..<24].littleEndian
        guard start > 24, let data = bytes.exactly(24, at: start),
            data[0..<4].elementsEqual([0x36, 0x26, 0xB2, 0x75])
        else { return nil }
        let size = data[16..<24].littleEndian
        return size > 50 ? start.clampedAdding(size) : nil
    }

    /// The end of the last tag; or of the file according to its metadata, if these have a longer
    /// duration too: a cut between two tags.
    ///
    /// Source: Adobe Flash Video File Format Specification 10.1, annex E.
    static let flv = ContainerEnd(format: "flv") { bytes in
        guard let header = bytes.exactly(9, at: 0), header[0..<3].spell("FLV") else { return nil }
        var offset = header[5..<9].bigEndian + 4
        var end: Int64?
        var metadata: [UInt8]?
        var milliseconds: Int64 = 0
        while let tag = bytes.exactly(11, at: offset), [8, 9, 18].contains(tag[0] & 0x1F) {
            end = offset + 11 + tag[1..<4].bigEndian
            if tag[0] == 18 { metadata = metadata ?? bytes.bytes(at: offset + 11, count: 4096) }
            milliseconds = max(milliseconds, Int64(tag[7]) << 24 | tag[4..<7].bigEndian)
            offset += 15 + tag[1..<4].bigEndian
        }
        // A property of `onMetaData`: the length of its name, the name, and a number.
        func number(_ name: String) -> Double? {
            let pattern = [0, UInt8(name.utf8.count)] + Array(name.utf8) + [0]
            guard let start = metadata?.firstRange(of: pattern)?.upperBound,
                let value = metadata?[start...].prefix(8), value.count == 8
            else { return nil }
            return Double(bitPattern: value.reduce(0) { $0 << 8 | UInt64($1) })
        }
        if bytes.isWhole, let end, end <= bytes.count, let size = number("filesize"),
            let declared = Int64(exactly: size.rounded()), declared > bytes.count,
            let seconds = number("duration"), seconds * 1000 > Double(milliseconds) + 500
        {
            return declared
        }
        return end
    }

    /// The end of the last box of a fragmented file. In others the sample table tells which frames
    /// are missing: see `Demuxer.truncationReason`.
    static let mov = ContainerEnd(format: "mov") { bytes in
        let boxes = MovieBox.boxes(in: bytes)
        return boxes.contains { $0.type == "moof" } ? boxes.last?.end : nil
    }

    /// The end of the last element. The segment and its clusters may have unknown sizes, as in a
    /// live stream; then their children are visited.
    static let matroska = ContainerEnd(format: "matroska") { bytes in
        var offset: Int64 = 0
        while offset < bytes.count {
            guard let element = EBMLElement(in: bytes, at: offset) else { return nil }
            guard let size = element.size else {
                guard element.id == EBMLElement.segment || element.id == EBMLElement.cluster else {
                    return nil
                }
                offset = element.content
                continue
            }
            offset = element.content.clampedAdding(size)
            if element.id == EBMLElement.segment || offset > bytes.count { return offset }
        }
        return offset
    }

    /// The start of the footer partition, which the header partition names if it was completed.
    ///
    /// Source: SMPTE ST 377-1, section 7.1.
    static let mxf = ContainerEnd(format: "mxf") { bytes in
        guard let key = bytes.exactly(17, at: 0),
            key.starts(with: [0x06, 0x0E, 0x2B, 0x34, 0x02, 0x05, 0x01, 0x01, 0x0D, 0x01, 0x02])
        else { return nil }
        // The length of a length is in the lower bits of its first byte, if the highest is set.
        let content = 17 + (key[16] & 0x80 == 0 ? 0 : Int64(key[16] & 0x7F))
        guard let footer = bytes.exactly(8, at: content + 24)?.bigEndian, footer > 0 else {
            return nil
        }
        return footer.clampedAdding(1)
    }

    /// The end of the last page.
    ///
    /// Source: RFC 3533, section 6.
    static let ogg = ContainerEnd(format: "ogg") { bytes in
        // A page has at most 65,307 bytes.
        let start = max(0, bytes.count - 65_307)
        let tail = bytes.bytes(at: start, count: 65_307)
        let position = tail.indices.dropLast(3).last { tail[$0..<($0 + 4)].spell("OggS") }
        guard let position else { return nil }
        let page = tail[position...]
        guard page.count >= 27 else { return bytes.count + 1 }
        let segmentCount = Int(page[position + 26])
        guard page.count >= 27 + segmentCount else { return bytes.count + 1 }
        let content = page.dropFirst(27).prefix(segmentCount).reduce(0) { $0 + Int64($1) }
        return start + Int64(position + 27 + segmentCount) + content
    }

    /// The end of the last block: a picture, an extension such as a comment, or the trailer, which
    /// may be missing.
    ///
    /// Source: GIF89a specification, sections 18 to 27.
    static let gif = ContainerEnd(format: "gif") { bytes in
        guard let header = bytes.exactly(13, at: 0) else { return nil }
        guard bytes.isWhole else {
            return bytes.bytes(at: bytes.count - 1, count: 1) == [0x3B] ? nil : bytes.count + 1
        }
        func tableSize(_ flags: UInt8) -> Int64 {
            flags & 0x80 == 0 ? 0 : 3 << ((Int64(flags) & 7) + 1)
        }
        var offset = 13 + tableSize(header[10])
        while let introducer = bytes.exactly(1, at: offset)?[0] {
            switch introducer {
            case 0x3B: return offset + 1
            case 0x21: offset += 2
            case 0x2C:
                guard let image = bytes.exactly(10, at: offset) else { return bytes.count + 1 }
                offset += 11 + tableSize(image[9])
            default: return nil
            }
            // Sub-blocks, the last of which is empty.
            while true {
                guard let length = bytes.exactly(1, at: offset)?[0] else {
                    return max(offset, bytes.count) + 1
                }
                offset += 1 + Int64(length)
                if length == 0 { break }
            }
        }
        return offset
    }
}
