/// The boxes of an ISO base media file in a range of bytes.
///
/// Source: ISO/IEC 14496-12, section 4.2.
struct HEIFBoxes: Sequence, IteratorProtocol {
    struct Box {
        /// Four characters.
        let type: String
        /// What follows the header.
        let content: ArraySlice<UInt8>

        /// The version of a full box.
        var version: Int { content.integer(1, at: 0) ?? 0 }
        /// The flags of a full box.
        var flags: Int { (content.integer(4, at: 0) ?? 0) & 0xFF_FFFF }
        /// The content of a full box after version and flags.
        var body: ArraySlice<UInt8> { content.dropFirst(4) }
    }

    private var rest: ArraySlice<UInt8>
    /// Whether the last box ended beyond the bytes.
    private(set) var isCutOff = false

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    mutating func next() -> Box? {
        guard var size = rest.integer(4, at: 0), let type = rest.part(4, at: 4) else { return nil }
        var header = 8
        if size == 1 {
            guard let large = rest.integer(8, at: 8) else {
                isCutOff = true
                return nil
            }
            size = large
            header = 16
        } else if size == 0 {
            size = rest.count
        }
        guard size >= header else { return nil }
        isCutOff = size > rest.count
        let end = Swift.min(size, rest.count)
        guard let content = rest.part(end - header, at: header) else { return nil }
        rest = rest.dropFirst(end)
        return Box(type: String(decoding: type, as: UTF8.self), content: content)
    }
}
