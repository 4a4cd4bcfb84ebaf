/// The header of an element of a Matroska or WebM file.
///
/// Source: RFC 8794, sections 4 to 6.
struct EBMLElement {
    static let segment: Int64 = 0x1853_8067
    static let cluster: Int64 = 0x1F43_B675

    let id: Int64
    /// Bytes of the content; nil if unknown.
    let size: Int64?
    /// Offset of the content.
    let content: Int64

    /// - Returns: Nil if there is no element header at this offset.
    init?(in bytes: StoredBytes, at offset: Int64) {
        let header = bytes.bytes(at: offset, count: 12)
        guard let first = header.first else { return nil }
        let idLength = first.leadingZeroBitCount + 1
        guard idLength <= 4, header.count > idLength else { return nil }
        id = header[0..<idLength].bigEndian
        let sizeLength = header[idLength].leadingZeroBitCount + 1
        guard sizeLength <= 8, header.count >= idLength + sizeLength else { return nil }
        let mask = Int64(1) << (7 * sizeLength) - 1
        let value = header[idLength..<(idLength + sizeLength)].bigEndian & mask
        size = value == mask ? nil : value
        content = offset + Int64(idLength + sizeLength)
    }
}
