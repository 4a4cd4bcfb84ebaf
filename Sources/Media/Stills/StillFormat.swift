import CFFmpeg

/// A format of still images: how a file is recognised, and what its decoder gets.
///
/// FFmpeg's probing and its image demuxers would split a JPEG that has a second image behind the
/// first, and miss headers that are valid but rare. A file of a still format is therefore given to
/// the decoder whole.
struct StillFormat: Sendable {
    /// Whether a file with these first bytes and this extension, in lower case, has the format.
    let matches: @Sendable (_ head: ArraySlice<UInt8>, _ pathExtension: String) -> Bool
    /// Reads the structure of a file; nil if it is left to FFmpeg's demuxers: an animation.
    let read:
        @Sendable (_ file: ArraySlice<UInt8>, _ input: String) throws(MediaError) -> StillImage?

    /// The number of bytes that `matches` needs.
    static let headLength = 1024

    /// - Returns: Nil if the bytes are of no still format.
    static func of(head: ArraySlice<UInt8>, pathExtension: String) -> StillFormat? {
        all.first { $0.matches(head, pathExtension) }
    }

    /// Whether files with this extension hold one image, whatever follows it.
    static func isExtensionOfStill(_ pathExtension: String) -> Bool {
        extensions.contains(pathExtension)
    }

    private static let extensions: Set<String> = Set(
        """
        png jpg jpeg jpe jfif mpo jls webp bmp dib tif tiff btf heic heif hif avif jp2 j2k jpx ppm pgm pbm \
        pnm pam pfm phm qoi exr hdr tga psd pcx sgi rgb rgba bw ras sun xbm xpm dds dpx
        """.split(separator: " ").map(String.init))

    private static let all: [StillFormat] = [
        StillFormat(
            matches: { head, _ in head.has([0xFF, 0xD8, 0xFF]) }, read: JPEGStructure.image),
        StillFormat(
            matches: { head, _ in head.has(PNGStructure.signature) }, read: PNGStructure.image),
        StillFormat(
            matches: { head, _ in head.has("RIFF") && head.has("WEBP", at: 8) },
            read: WebPStructure.image),
        StillFormat(matches: { head, _ in TIFFImage.isTIFF(head) }, read: TIFFImage.image),
        StillFormat(matches: { head, _ in HEIFImage.isHEIF(head) }, read: HEIFImage.image),
        StillFormat(
            matches: { head, _ in JPEGXLStructure.isJPEGXL(head) }, read: JPEGXLStructure.image),
        StillFormat(
            matches: { head, _ in isBitmap(head) }, read: bitmap),
        StillFormat(
            matches: { head, _ in PortableAnymap.matches(head, "14") },
            read: portable("pbm_pipe", AV_CODEC_ID_PBM)),
        StillFormat(
            matches: { head, _ in PortableAnymap.matches(head, "25") },
            read: portable("pgm_pipe", AV_CODEC_ID_PGM)),
        StillFormat(
            matches: { head, _ in PortableAnymap.matches(head, "36") },
            read: portable("ppm_pipe", AV_CODEC_ID_PPM)),
        StillFormat(
            matches: { head, _ in PortableAnymap.matches(head, "7") },
            read: portable("pam_pipe", AV_CODEC_ID_PAM)),
        StillFormat(
            matches: { head, _ in PortableAnymap.matches(head, "fF") },
            read: portable("pfm_pipe", AV_CODEC_ID_PFM)),
        StillFormat(
            matches: { head, _ in PortableAnymap.matches(head, "hH") },
            read: portable("phm_pipe", AV_CODEC_ID_PHM)),
        StillFormat(
            matches: { head, _ in head.has("qoif") },
            read: whole("qoi_pipe", AV_CODEC_ID_QOI) { file in
                file.contains([0, 0, 0, 0, 0, 0, 0, 1] + Array("qoif".utf8))
            }),
        StillFormat(
            matches: { head, _ in head.has([0x76, 0x2F, 0x31, 0x01]) },
            read: whole("exr_pipe", AV_CODEC_ID_EXR)),
        StillFormat(
            matches: { head, _ in
                head.has([0, 0, 0, 12]) && head.has("jP  ", at: 4)
                    || head.has([0xFF, 0x4F, 0xFF, 0x51])
            }, read: JPEG2000Structure.image),
        StillFormat(
            matches: { head, _ in head.has("8BPS") }, read: photoshop),
        StillFormat(
            matches: { head, _ in head.has("DDS ") }, read: directDraw),
        StillFormat(
            matches: { head, _ in head.has("SDPX") || head.has("XPDS") },
            read: whole("dpx_pipe", AV_CODEC_ID_DPX) { file in
                let size = file.integer(4, at: 16, littleEndian: file.has("XPDS"))
                return size.map { file.has(Array(file.prefix(4)), at: $0) } ?? false
            }),
        StillFormat(
            matches: { head, _ in head.has([0x59, 0xA6, 0x6A, 0x95]) },
            read: whole("sunrast_pipe", AV_CODEC_ID_SUNRAST)),
        StillFormat(
            matches: { head, _ in
                head.has([0x01, 0xDA]) && head.integer(1, at: 2).map { $0 <= 1 } == true
                    && head.integer(1, at: 3).map { (1...2).contains($0) } == true
            }, read: whole("sgi_pipe", AV_CODEC_ID_SGI)),
        StillFormat(
            matches: { head, pathExtension in
                pathExtension == "pcx" && head.has([0x0A]) && head.has([1], at: 2)
            }, read: whole("pcx_pipe", AV_CODEC_ID_PCX)),
        StillFormat(
            matches: { head, pathExtension in pathExtension == "xbm" && head.has("#define") },
            read: whole("xbm_pipe", AV_CODEC_ID_XBM)),
        StillFormat(
            matches: { head, _ in head.has("/* XPM */") }, read: whole("xpm_pipe", AV_CODEC_ID_XPM)),
        StillFormat(
            matches: { head, pathExtension in pathExtension == "tga" && isTarga(head) },
            read: targa),
    ]

    /// The whole file for one of libav's decoders.
    ///
    /// - Parameter mayBeFollowed: Whether another image may follow the first one.
    private static func whole(
        _ formatName: String, _ codec: AVCodecID,
        mayBeFollowed: @escaping @Sendable (ArraySlice<UInt8>) -> Bool = { _ in false }
    ) -> @Sendable (ArraySlice<UInt8>, String) throws(MediaError) -> StillImage? {
        { (file, _) throws(MediaError) in
            StillImage(
                pixels: .packet(Array(file), codec), formatName: formatName,
                mayBeFollowed: mayBeFollowed(file))
        }
    }

    /// A file of the PNM family.
    private static func portable(
        _ formatName: String, _ codec: AVCodecID
    ) -> @Sendable (ArraySlice<UInt8>, String) throws(MediaError) -> StillImage? {
        whole(formatName, codec, mayBeFollowed: PortableAnymap.mayBeFollowed)
    }

    /// - Throws: `MediaError.unsupportedVariant` for the format of large documents.
    @Sendable private static func photoshop(
        _ file: ArraySlice<UInt8>, _ input: String
    ) throws(MediaError) -> StillImage? {
        if file.integer(2, at: 4) == 2 {
            throw .unsupportedVariant(input: input, format: "PSD", variant: "large documents (PSB)")
        }
        return StillImage(pixels: .packet(Array(file), AV_CODEC_ID_PSD), formatName: "psd_pipe")
    }

    /// A Windows bitmap. Its header may declare another size of the file, which libav reports as damage,
    /// and pixels where the palette is; the last row may lack its padding.
    @Sendable private static func bitmap(
        _ file: ArraySlice<UInt8>, _ input: String
    ) -> StillImage? {
        var bytes = Array(file)
        var image = StillImage(pixels: .packet([], AV_CODEC_ID_BMP), formatName: "bmp_pipe")
        func write(_ value: Int, at offset: Int) {
            for i in 0..<4 where offset + i < bytes.count {
                bytes[offset + i] = UInt8(truncatingIfNeeded: value >> (8 * i))
            }
        }
        func field(_ count: Int, at offset: Int) -> Int? {
            file.integer(count, at: offset, littleEndian: true)
        }
        if let header = field(4, at: 14), header >= 40, var start = field(4, at: 10),
            let width = field(4, at: 18), let height = field(4, at: 22),
            let depth = field(2, at: 28), let compression = field(4, at: 30),
            let colors = field(4, at: 46)
        {
            if start == 14 + header, depth <= 8, colors <= 256 {
                start += 4 * (colors == 0 ? 1 << depth : colors)
                write(start, at: 10)
            }
            // Rows from the top have a negative height.
            let rows = Int(Int32(truncatingIfNeeded: height).magnitude)
            if compression == 0, depth <= 32, width < 1 << 24, rows < 1 << 24 {
                let used = (width * depth + 7) / 8
                let stride = (used + 3) / 4 * 4
                let missing = start + stride * rows - bytes.count
                if (1...max(stride, 1)).contains(missing) {
                    bytes += [UInt8](repeating: 0, count: missing)
                    if missing > stride - used { image.truncation = "its end is missing" }
                }
            }
        }
        if let size = field(4, at: 2), size > 54 { image.mayBeFollowed = file.has("BM", at: size) }
        write(bytes.count, at: 2)
        image.pixels = .packet(bytes, AV_CODEC_ID_BMP)
        return image
    }

    /// A DirectDraw surface. libav swaps red with blue in the DXGI format R8G8B8A8, and red with green
    /// in `BC5U` if the field of the number of bits holds `A2XY`, which is the order of `ATI2` only.
    @Sendable private static func directDraw(
        _ file: ArraySlice<UInt8>, _ input: String
    ) -> StillImage? {
        var bytes = Array(file)
        if file.has("DX10", at: 84), let format = file.integer(4, at: 128, littleEndian: true),
            (27...29).contains(format), file.count >= 148
        {
            // A pixel format of 32 bits with four masks, and no DXGI header.
            let masks: [UInt8] = [0xFF, 0, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0xFF]
            bytes.replaceSubrange(80..<108, with: [0x41, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0] + masks)
            bytes.removeSubrange(128..<148)
        } else if file.has("BC5UA2XY", at: 84) {
            bytes.replaceSubrange(88..<92, with: [0, 0, 0, 0])
        }
        return StillImage(pixels: .packet(bytes, AV_CODEC_ID_DDS), formatName: "dds_pipe")
    }

    /// - Throws: `MediaError.unsupportedVariant` for gray with alpha, which libav reads as RGB.
    @Sendable private static func targa(
        _ file: ArraySlice<UInt8>, _ input: String
    ) throws(MediaError) -> StillImage? {
        if let type = file.integer(1, at: 2), type & 3 == 3, file.integer(1, at: 16) == 16 {
            throw .unsupportedVariant(input: input, format: "TGA", variant: "gray and alpha")
        }
        return StillImage(pixels: .packet(Array(file), AV_CODEC_ID_TARGA), formatName: "tga_pipe")
    }

    /// A Windows bitmap: the size of its second header is that of a known version.
    private static func isBitmap(_ head: ArraySlice<UInt8>) -> Bool {
        guard head.has("BM"), let size = head.integer(4, at: 14, littleEndian: true) else {
            return false
        }
        return [12, 16, 40, 52, 56, 64, 108, 124].contains(size)
    }

    /// A Targa header, which has no signature: its fields have possible values.
    private static func isTarga(_ head: ArraySlice<UInt8>) -> Bool {
        guard let hasMap = head.integer(1, at: 1), let type = head.integer(1, at: 2),
            let width = head.integer(2, at: 12, littleEndian: true),
            let height = head.integer(2, at: 14, littleEndian: true),
            let depth = head.integer(1, at: 16)
        else { return false }
        return hasMap <= 1 && [1, 2, 3, 9, 10, 11].contains(type) && width > 0 && height > 0
            && [8, 15, 16, 24, 32].contains(depth)
    }
}
