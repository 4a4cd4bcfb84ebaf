/// A box of a QuickTime, MP4 or HEIF file.
///
/// Source: ISO/IEC 14496-12, section 4.2.
struct MovieBox {
    let type: String
    /// Offset of the content.
    let content: Int64
    /// Offset behind the box; may lie behind the end of the file.
    let end: Int64

    private static let maximumCount = 100_000

    /// The boxes from an offset on; stops at one that is damaged.
    static func boxes(
        in bytes: StoredBytes, from start: Int64 = 0, to end: Int64 = .max
    ) -> [MovieBox] {
        var boxes: [MovieBox] = []
        var offset = start
        while offset < end, boxes.count < maximumCount, let header = bytes.exactly(8, at: offset) {
            var size = header[0..<4].bigEndian
            var content = offset + 8
            if size == 1 {
                size = bytes.exactly(8, at: content)?.bigEndian ?? 0
                content += 8
            } else if size == 0 {
                // Up to the end of the file.
                size = bytes.count - offset
            }
            guard size >= content - offset else { break }
            let type = String(decoding: header[4..<8], as: UTF8.self)
            boxes.append(
                MovieBox(type: type, content: content, end: offset.clampedAdding(size)))
            offset = offset.clampedAdding(size)
        }
        return boxes
    }

    /// The boxes inside, after `skipped` bytes of fields.
    func children(in bytes: StoredBytes, skipping skipped: Int64 = 0) -> [MovieBox] {
        Self.boxes(in: bytes, from: content + skipped, to: min(end, bytes.count))
    }

    /// IDs of the tracks of a movie that belong to another track: alpha or depth of its pictures.
    static func auxiliaryTracks(in bytes: StoredBytes) -> Set<Int64> {
        let tracks = boxes(in: bytes).filter { $0.type == "moov" }
            .flatMap { $0.children(in: bytes) }.filter { $0.type == "trak" }
        var found: Set<Int64> = []
        for track in tracks {
            let parts = track.children(in: bytes)
            // The ID follows version, flags and two times of 4 bytes, or of 8 in version 1.
            guard let header = parts.first(where: { $0.type == "tkhd" }),
                let version = bytes.exactly(1, at: header.content)?.first,
                let id = bytes.exactly(4, at: header.content + (version == 1 ? 20 : 12))
            else { continue }
            let refers = parts.filter { $0.type == "tref" }
                .contains { $0.children(in: bytes).contains { $0.type == "auxl" } }
            // The handler's type follows version, flags and 4 bytes.
            let isAuxiliary = parts.filter { $0.type == "mdia" }
                .flatMap { $0.children(in: bytes) }
                .contains { box in
                    box.type == "hdlr"
                        && bytes.exactly(4, at: box.content + 8)?.spell("auxv") == true
                }
            if refers || isAuxiliary { found.insert(id.bigEndian) }
        }
        return found
    }

    /// Whether a movie has an encrypted video track: Common Encryption or FairPlay.
    static func isEncrypted(_ bytes: StoredBytes) -> Bool {
        var level = boxes(in: bytes).filter { $0.type == "moov" }
        for type in ["trak", "mdia", "minf", "stbl", "stsd"] {
            level = level.flatMap { $0.children(in: bytes).filter { $0.type == type } }
        }
        // Version, flags and the number of entries precede the entries.
        return level.contains { table in
            table.children(in: bytes, skipping: 8).contains { ["encv", "drmi"].contains($0.type) }
        }
    }
}
