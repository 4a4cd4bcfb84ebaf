/// What a file that is no readable video or image contains instead, recognized by its first bytes or
/// its structure.
public enum OtherContent: String, Sendable, Hashable, CaseIterable {
    case webPage, xml, svg, json, lfsPointer, annexPointer, zip, archive, tar, pdf, appleDouble,
        zeros
    case text
    /// Images in formats that FFmpeg 5.1 does not read, or not by their content.
    case icon, radiance, dcx, farbfeld, gimp, postScript, djvu
    /// The first part of a fragmented MP4: metadata without frames.
    case initializationSegment
    /// A part of a fragmented MP4 without the metadata that precedes it.
    case mediaSegment
    case subtitles

    /// The noun for it.
    public var name: String {
        switch self {
        case .webPage: "a web page (HTML)"
        case .xml: "an XML document"
        case .svg: "a vector drawing (SVG)"
        case .json: "JSON text"
        case .lfsPointer: "a Git LFS pointer, not the file itself"
        case .annexPointer: "a git-annex pointer, not the file itself"
        case .zip: "a ZIP archive"
        case .archive: "a compressed file or an archive"
        case .tar: "a tar archive"
        case .pdf: "a PDF document"
        case .appleDouble: "metadata that macOS stores beside a file"
        case .zeros: "zero bytes only"
        case .text: "text"
        case .icon: "an icon of several images (ICNS)"
        case .radiance: "a Radiance HDR image"
        case .dcx: "a DCX fax of several pages"
        case .farbfeld: "a farbfeld image"
        case .gimp: "a GIMP project (XCF)"
        case .postScript: "a PostScript document"
        case .djvu: "a DjVu document"
        case .initializationSegment: "an initialization segment, which has no frames"
        case .mediaSegment: "a media segment without its initialization segment"
        case .subtitles: "subtitles only"
        }
    }

    /// What the user can do.
    public var remedy: String {
        switch self {
        case .webPage, .xml, .json:
            "if it was downloaded, the server answered with an error or a log-in page: fetch it again"
        case .svg, .icon, .radiance, .dcx, .farbfeld, .gimp, .postScript, .djvu:
            "convert it to PNG"
        case .lfsPointer: "fetch the file with: git lfs pull"
        case .annexPointer: "fetch the file with: git annex get"
        case .zip, .archive: "unpack it first"
        case .tar:
            "its members are read if it is named as an argument and its name ends in .tar; else unpack it"
        case .pdf: "extract its images first"
        case .appleDouble: "it can be deleted"
        case .zeros: "its download or copy did not finish: fetch it again"
        case .text: "name the file that it describes"
        case .initializationSegment, .mediaSegment:
            "join the segments, the initialization segment first: cat init.mp4 seg-*.m4s > whole.mp4"
        case .subtitles: "name the video that they belong to"
        }
    }

    /// - Parameter head: The first bytes of the file, up to some thousands.
    /// - Returns: Nil if they are not recognized.
    init?(head: [UInt8]) {
        if let match = Self.signatures.first(where: { signature, _ in head.starts(with: signature) }
        ) {
            self = match.content
        } else if head.count > 262, head[257..<262].spell("ustar") {
            self = .tar
        } else if head.count >= 64, head.allSatisfy({ $0 == 0 }) {
            self = .zeros
        } else if let text = Self.text(of: head) {
            self = Self.kind(of: text)
        } else {
            return nil
        }
    }

    private static let signatures: [(signature: [UInt8], content: OtherContent)] = [
        (Array("PK\u{3}\u{4}".utf8), .zip), (Array("PK\u{5}\u{6}".utf8), .zip),
        ([0x1F, 0x8B], .archive), (Array("BZh".utf8), .archive), (Array("Rar!".utf8), .archive),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], .archive), ([0x28, 0xB5, 0x2F, 0xFD], .archive),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], .archive), (Array("%PDF".utf8), .pdf),
        ([0, 5, 0x16, 7], .appleDouble), (Array("icns".utf8), .icon),
        (Array("#?RADIANCE".utf8), .radiance), (Array("#?RGBE".utf8), .radiance),
        ([0xB1, 0x68, 0xDE, 0x3A], .dcx), (Array("farbfeld".utf8), .farbfeld),
        (Array("gimp xcf".utf8), .gimp),
        (Array("%!PS".utf8), .postScript), (Array("AT&TFORM".utf8), .djvu),
    ]

    private static func kind(of text: Substring) -> OtherContent {
        let start = text.prefix(1024).lowercased()
        if text.hasPrefix("version https://git-lfs.github.com/spec/") { return .lfsPointer }
        if text.hasPrefix("/annex/objects/") { return .annexPointer }
        if start.hasPrefix("<!doctype html") || start.contains("<html") { return .webPage }
        if start.contains("<svg") { return .svg }
        if start.hasPrefix("<?xml") || start.hasPrefix("<error") { return .xml }
        if start.contains(" --> ") || start.hasPrefix("webvtt") || start.hasPrefix("[script info]")
        {
            return .subtitles
        }
        if start.hasPrefix("{") || start.hasPrefix("[") { return .json }
        return .text
    }

    /// The bytes as text without leading white space; nil if they are not UTF-8 text.
    private static func text(of head: [UInt8]) -> Substring? {
        var bytes = head[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        // The last character may be cut off.
        let candidates = (0..<min(4, bytes.count)).lazy.compactMap {
            String(validating: bytes.dropLast($0), as: UTF8.self)
        }
        guard let text = candidates.first,
            text.unicodeScalars.allSatisfy({
                $0.value >= 32 || "\t\n\r\u{C}".unicodeScalars.contains($0)
            })
        else { return nil }
        let trimmed = text.drop { $0.isWhitespace }
        return trimmed.isEmpty ? nil : trimmed
    }
}

extension OtherContent {
    /// What a movie without frames contains; nil if it is none of the known cases.
    ///
    /// - Parameter bytes: The bytes of a QuickTime, MP4 or HEIF file.
    init?(movie bytes: StoredBytes) {
        let boxes = MovieBox.boxes(in: bytes)
        let types = Set(boxes.map(\.type))
        if types.contains("moof") && !types.contains("moov") {
            self = .mediaSegment
        } else if let movie = boxes.first(where: { $0.type == "moov" }), !types.contains("moof"),
            movie.children(in: bytes).contains(where: { $0.type == "mvex" })
        {
            self = .initializationSegment
        } else {
            return nil
        }
    }
}
