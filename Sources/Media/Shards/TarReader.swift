import Files

/// Reads the headers of an archive one after another.
struct TarReader {
    private let file: FilePart
    /// Offset of the next header.
    private(set) var position = 0
    /// Offset of the first header of the next member.
    private var memberStart = 0
    /// Whether the file ends inside the last member.
    private(set) var isCutOff = false
    private var globals = PaxValues()

    /// Most bytes of a pax header or a long name.
    private static let longestText = 1 << 20

    init(_ file: FilePart) { self.file = file }

    /// The next file; links, devices and pipes are files that are refused. Nil at the end, which is a
    /// block of zero bytes or the end of the file.
    ///
    /// - Throws: `TarHeader.Damage`, with `position` at the first header of the member.
    mutating func next() throws(TarHeader.Damage) -> TarIndex.Member? {
        memberStart = position
        do throws(TarHeader.Damage) {
            return try member()
        } catch {
            position = memberStart
            throw error
        }
    }

    private mutating func member() throws(TarHeader.Damage) -> TarIndex.Member? {
        var values = globals
        var longName: [UInt8]?
        while true {
            let block = try bytes(TarHeader.blockSize, at: position)
            guard block.count == TarHeader.blockSize else {
                if block.isEmpty, position > 0 { return nil }
                throw .init(reason: "it ends inside a header")
            }
            if block.allSatisfy({ $0 == 0 }) { return nil }
            let header = try TarHeader(block)
            let start = position + TarHeader.blockSize
            switch header.kind {
            case .values(let isGlobal):
                let text = try text(header, at: start)
                try values.add(text)
                if isGlobal { try globals.add(text) }
            case .longName:
                longName = Array(try text(header, at: start).prefix { $0 != 0 })
            case .other:
                try skip(header.byteCount, from: start)
            case .folder:
                position = start
                memberStart = start
                (values, longName) = (globals, nil)
            case .empty, .file, .sparse:
                return try member(header, values.name ?? longName ?? header.name, values, at: start)
            }
        }
    }

    private mutating func member(
        _ header: TarHeader, _ name: [UInt8], _ values: PaxValues, at start: Int
    ) throws(TarHeader.Damage) -> TarIndex.Member {
        var start = start
        var refusal: String?
        var byteCount = values.byteCount ?? header.byteCount
        switch header.kind {
        case .empty(let words):
            refusal = "it is \(words), which has no bytes of its own"
            byteCount = 0
        case .sparse(var hasMoreHeaders):
            refusal = "it is stored with holes; pack it again without --sparse"
            while hasMoreHeaders {
                let block = try bytes(TarHeader.blockSize, at: start)
                guard block.count == TarHeader.blockSize else {
                    throw .init(reason: "it ends inside a header")
                }
                hasMoreHeaders = block[504] != 0
                start += TarHeader.blockSize
            }
        default:
            if values.isSparse {
                refusal = "it is stored with holes; pack it again without --sparse"
            }
        }
        let entry = FolderEntry(bytes: name)
        if let bytes = entry.escapedBytes {
            refusal = "its name '\(bytes)' is not UTF-8; rename it"
        }
        if name.contains(0) { refusal = "its name has a zero byte; rename it" }
        guard let end = Checked.sum(start, byteCount), end <= file.byteCount else {
            isCutOff = true
            position = file.byteCount
            return TarIndex.Member(
                name: entry.name, offset: start, byteCount: max(0, file.byteCount - start),
                refusal: refusal ?? "the archive ends inside it; write or fetch it again")
        }
        try skip(byteCount, from: start)
        return TarIndex.Member(
            name: entry.name, offset: start, byteCount: byteCount, refusal: refusal)
    }

    /// Goes on behind the blocks of a header's bytes. The last block may be cut off.
    private mutating func skip(_ count: Int, from start: Int) throws(TarHeader.Damage) {
        guard let end = Checked.sum(start, count), end <= file.byteCount else {
            throw .init(reason: "a member reaches beyond the end of the file")
        }
        let size = TarHeader.blockSize
        position = min(start + (count + size - 1) / size * size, file.byteCount)
    }

    /// The bytes of a header that holds values or a name.
    private mutating func text(
        _ header: TarHeader, at start: Int
    ) throws(TarHeader.Damage) -> [UInt8] {
        guard header.byteCount <= Self.longestText else {
            throw .init(reason: "a header has more than \(Self.longestText >> 20) MiB")
        }
        let text = try bytes(header.byteCount, at: start)
        try skip(header.byteCount, from: start)
        return text
    }

    private func bytes(_ count: Int, at offset: Int) throws(TarHeader.Damage) -> [UInt8] {
        do throws(FileError) {
            return try file.bytes(at: offset, count: count)
        } catch {
            throw .init(reason: error.reason)
        }
    }
}
