import CFFmpeg
import CTIFF
import Frames
import Glibc

/// The first image of a TIFF file.
///
/// FFmpeg 5.1 reads tiled and JPEG-compressed files to black or green pixels and reports success, and
/// refuses other variants. libtiff reads all of them, except for 16 bits in strips, gray or RGB: these
/// are left to FFmpeg, whose conversion to 8 bits is that of other formats.
struct TIFFImage: ~Copyable {
    private let file: OpaquePointer
    private let memory: TIFFMemory

    static func isTIFF(_ head: ArraySlice<UInt8>) -> Bool {
        [[0x49, 0x49, 42, 0], [0x4D, 0x4D, 0, 42], [0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 43]]
            .contains { head.has($0) }
    }

    static func image(_ bytes: ArraySlice<UInt8>, _ input: String) throws(MediaError) -> StillImage?
    {
        let file = try TIFFImage(bytes, input: input)
        var image = StillImage(
            pixels: .tiff(Array(bytes)), formatName: "tiff_pipe",
            orientation: Orientation(exifValue: file.tag(TIFFTAG_ORIENTATION) ?? 1))
        if file.hasDataBeyondEnd { image.truncation = "its end is missing" }
        if file.isReadByLibav {
            image.pixels = .packet(Array(bytes), AV_CODEC_ID_TIFF)
        }
        return image
    }

    /// - Throws: `MediaError.damaged` if the file has no directory.
    init(_ bytes: ArraySlice<UInt8>, input: String) throws(MediaError) {
        memory = TIFFMemory(bytes)
        guard let file = memory.open() else {
            throw .damaged(
                input: input, framesRead: 0,
                reason: memory.message ?? "it has no directory")
        }
        self.file = file
    }

    deinit {
        TIFFClose(file)
    }

    /// A value of 16 bits, or its default; nil if the file has none.
    private func tag(_ number: Int32) -> Int? {
        var value: UInt16 = 0
        return ganrm_tiff_get_short(file, UInt32(number), &value) != 0 ? Int(value) : nil
    }

    private func size(_ number: Int32) -> Int? {
        var value: UInt32 = 0
        return ganrm_tiff_get_long(file, UInt32(number), &value) != 0 ? Int(value) : nil
    }

    private var isReadByLibav: Bool {
        let compressions = [
            COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_DEFLATE,
            COMPRESSION_PACKBITS,
        ]
        guard let compression = tag(TIFFTAG_COMPRESSION), let model = tag(TIFFTAG_PHOTOMETRIC),
            compressions.contains(Int32(compression)), tag(TIFFTAG_BITSPERSAMPLE) == 16,
            model == Int(PHOTOMETRIC_MINISBLACK) || model == Int(PHOTOMETRIC_RGB)
        else { return false }
        return TIFFIsTiled(file) == 0 && TIFFIsBigTIFF(file) == 0
            && tag(TIFFTAG_PLANARCONFIG) == Int(PLANARCONFIG_CONTIG)
            && tag(TIFFTAG_SAMPLEFORMAT) == Int(SAMPLEFORMAT_UINT)
            && tag(TIFFTAG_FILLORDER) == Int(FILLORDER_MSB2LSB)
    }

    /// Whether a strip or tile lies beyond the end of the file.
    private var hasDataBeyondEnd: Bool {
        let count = TIFFIsTiled(file) != 0 ? TIFFNumberOfTiles(file) : TIFFNumberOfStrips(file)
        // Each needs at least an offset in the file.
        guard count <= memory.count else { return true }
        return (0..<count).contains { index in
            let (end, overflows) = TIFFGetStrileOffset(file, index)
                .addingReportingOverflow(TIFFGetStrileByteCount(file, index))
            return overflows || end > UInt64(memory.count)
        }
    }

    /// Reads the image with libtiff into an RGB24 frame, stored rows first; alpha is dropped.
    ///
    /// - Returns: libtiff's first error, after which pixels are missing; nil if there was none.
    /// - Throws: `MediaError.tooManyPixels`, `.unsupportedVariant`, `.outOfMemory`.
    func read(
        into output: borrowing UniqueAVFrame, input: String, pixelLimit: Int
    ) throws(MediaError) -> String? {
        guard let width = size(TIFFTAG_IMAGEWIDTH), let height = size(TIFFTAG_IMAGELENGTH),
            width > 0, height > 0
        else { throw .damaged(input: input, framesRead: 0, reason: "it has no size") }
        guard width <= pixelLimit / height, let columns = Int32(exactly: width),
            let rows = Int32(exactly: height)
        else {
            throw .tooManyPixels(input: input, width: width, height: height, limit: pixelLimit)
        }
        if let compression = tag(TIFFTAG_COMPRESSION) {
            guard TIFFIsCODECConfigured(UInt16(clamping: compression)) != 0 else {
                throw .unsupportedVariant(
                    input: input, format: "TIFF", variant: "compression \(compression)")
            }
            if compression == Int(COMPRESSION_JPEG),
                tag(TIFFTAG_PHOTOMETRIC) == Int(PHOTOMETRIC_YCBCR)
            {
                _ = ganrm_tiff_convert_jpeg_colors(file)
            }
        }
        if let format = tag(TIFFTAG_SAMPLEFORMAT), format == Int(SAMPLEFORMAT_INT) {
            throw .unsupportedVariant(input: input, format: "TIFF", variant: "signed samples")
        }
        let extraCount = ganrm_tiff_extra_samples(file)
        if extraCount > 0 { _ = ganrm_tiff_keep_colors(file, UInt16(clamping: extraCount)) }
        var reason = [CChar](repeating: 0, count: 1024)
        guard TIFFRGBAImageOK(file, &reason) != 0 else {
            throw .unsupportedVariant(
                input: input, format: "TIFF", variant: message(reason))
        }
        guard output.reserve(width: columns, height: rows, format: AV_PIX_FMT_RGB24.rawValue) else {
            throw .outOfMemory(input: input)
        }
        // What is wrong with tags is no damage of pixels.
        memory.forgetMessage()
        var raster = [UInt32](repeating: 0, count: width * height)
        let orientation = Int32(tag(TIFFTAG_ORIENTATION) ?? Int(ORIENTATION_TOPLEFT))
        // With the file's own orientation libtiff keeps the order of the stored rows and columns.
        let isRead = TIFFReadRGBAImageOriented(
            file, UInt32(width), UInt32(height), &raster, orientation, 0)
        if isRead == 0, let variant = memory.message.flatMap(unsupportedVariant) {
            throw .unsupportedVariant(input: input, format: "TIFF", variant: variant)
        }
        // Alpha is set even where nothing could be read.
        if isRead == 0, raster.allSatisfy({ $0 & 0xFF_FFFF == 0 }) {
            throw .damaged(
                input: input, framesRead: 0, reason: memory.message ?? "libtiff cannot read it")
        }
        output.withFrame { frame in
            guard let pixels = frame.pointee.extended_data[0] else { return }
            for row in 0..<height {
                let target = pixels + row * frame.pointee.strides[0]
                for column in 0..<width {
                    let value = raster[row * width + column]
                    target[3 * column] = UInt8(truncatingIfNeeded: value)
                    target[3 * column + 1] = UInt8(truncatingIfNeeded: value >> 8)
                    target[3 * column + 2] = UInt8(truncatingIfNeeded: value >> 16)
                }
            }
            frame.pointee.color_range = AVCOL_RANGE_JPEG
        }
        return memory.message
    }
}

/// A message of libtiff as a clause within a sentence.
private func message(_ text: [CChar]) -> String {
    let message = String(
        decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    // `Sorry, can not handle images with 32-bit samples`.
    return message.replacing("Sorry, can not handle images with ", with: "")
        .replacing("Sorry, can not handle ", with: "")
}

/// The variant of the format that libtiff or libjpeg does not read, by their message; nil if the
/// message is about damage.
private func unsupportedVariant(_ message: String) -> String? {
    if message.contains("can not handle image") { return "this color model and number of bits" }
    // libjpeg's names of the frame header: T.81, table B.1.
    if let process = message.firstMatch(of: #/SOF type 0x([0-9a-f]+)/#)?.1 {
        return switch process {
        case "c3", "c7", "cb", "cf": "lossless JPEG"
        case "c9", "ca": "arithmetic coding"
        default: "hierarchical JPEG"
        }
    }
    if message.contains("data precision") { return "JPEG of more than 8 bits" }
    let lower = message.lowercased()
    return ["not supported", "unsupported", "not implemented", "not configured"]
        .contains { lower.contains($0) } ? "something that libtiff does not read (\(message))" : nil
}

/// A TIFF file in memory, as libtiff reads it, and libtiff's first error.
private final class TIFFMemory {
    /// Lent to libtiff as if it were memory-mapped.
    private let bytes: UnsafeMutableRawBufferPointer
    private var position = 0
    private(set) var message: String?

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = .allocate(byteCount: bytes.count, alignment: 16)
        self.bytes.copyBytes(from: bytes)
    }

    deinit {
        bytes.deallocate()
    }

    var count: Int { bytes.count }

    /// Opens the file. It holds an unretained reference to this object, which must outlive it.
    func open() -> OpaquePointer? {
        guard let options = TIFFOpenOptionsAlloc() else { return nil }
        defer { TIFFOpenOptionsFree(options) }
        let handle = Unmanaged.passUnretained(self).toOpaque()
        TIFFOpenOptionsSetErrorHandlerExtR(
            options,
            { _, handle, _, format, arguments in
                guard let handle, let format, let arguments else { return 1 }
                TIFFMemory.of(handle).note(format, arguments)
                return 1
            }, handle)
        TIFFOpenOptionsSetWarningHandlerExtR(options, { _, _, _, _, _ in 1 }, nil)
        TIFFOpenOptionsSetMaxSingleMemAlloc(options, Self.memoryLimit)
        return TIFFClientOpenExt(
            "image", "r", handle,
            { handle, target, count in
                guard let handle, let target else { return -1 }
                return tmsize_t(TIFFMemory.of(handle).read(into: target, Int(count)))
            },
            { _, _, _ in -1 },
            { handle, offset, origin in
                guard let handle else { return .max }
                return TIFFMemory.of(handle).seek(offset, origin)
            },
            { _ in 0 },
            { handle in handle.map { UInt64(TIFFMemory.of($0).count) } ?? 0 },
            { handle, base, size in
                guard let handle else { return 0 }
                let bytes = TIFFMemory.of(handle).bytes
                base?.pointee = bytes.baseAddress
                size?.pointee = toff_t(bytes.count)
                return 1
            }, { _, _, _ in }, options)
    }

    /// The most that libtiff may allocate at once, in bytes.
    private static let memoryLimit: tmsize_t = 1 << 30

    private static func of(_ handle: UnsafeMutableRawPointer) -> TIFFMemory {
        Unmanaged<TIFFMemory>.fromOpaque(handle).takeUnretainedValue()
    }

    private func read(into target: UnsafeMutableRawPointer, _ wanted: Int) -> Int {
        guard wanted > 0, position < bytes.count else { return 0 }
        let count = min(wanted, bytes.count - position)
        guard let base = bytes.baseAddress else { return 0 }
        target.copyMemory(from: base + position, byteCount: count)
        position += count
        return count
    }

    private func seek(_ offset: UInt64, _ origin: Int32) -> UInt64 {
        let base = origin == SEEK_SET ? 0 : origin == SEEK_CUR ? position : bytes.count
        // Offsets back from the end or the position come as two's complement.
        let (target, overflows) = base.addingReportingOverflow(Int(truncatingIfNeeded: offset))
        guard !overflows, target >= 0 else { return .max }
        position = target
        return UInt64(target)
    }

    func forgetMessage() {
        message = nil
    }

    private func note(_ format: UnsafePointer<CChar>, _ arguments: CVaListPointer) {
        guard message == nil else { return }
        message = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            guard let base = buffer.baseAddress else { return nil }
            vsnprintf(base, buffer.count, format, arguments)
            return String(cString: base).split(whereSeparator: \.isNewline).first.map(String.init)
        }
    }
}
