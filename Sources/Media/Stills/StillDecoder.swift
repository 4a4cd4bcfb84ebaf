import CFFmpeg
import Frames

/// Decodes still images with libav's decoders.
struct StillDecoder {
    let input: String
    let options: MediaOptions

    /// Decodes one coded image.
    ///
    /// - Parameter configuration: The decoder's configuration record, if its format has one.
    /// - Returns: The decoder's first error, after which pixels are damaged; nil if there was none.
    /// - Throws: `MediaError.damaged` if there is no image.
    func decode(
        _ bytes: [UInt8], _ codec: AVCodecID, configuration: [UInt8] = [],
        into output: borrowing UniqueAVFrame
    ) throws(MediaError) -> String? {
        LibavLog.clear()
        let decoder = try VideoDecoder(
            codec, configuration: configuration, input: input, options: options)
        var packet = av_packet_alloc()
        defer { av_packet_free(&packet) }
        guard let packet, let count = Int32(exactly: bytes.count), av_new_packet(packet, count) >= 0
        else { throw .outOfMemory(input: input) }
        if !bytes.isEmpty { packet.pointee.data.update(from: bytes, count: bytes.count) }
        packet.pointee.flags = AV_PKT_FLAG_KEY
        var code = decoder.send(packet)
        if code >= 0 {
            _ = decoder.send(nil)
            code = decoder.receive(into: output)
        }
        guard code >= 0 else {
            throw .reading(
                code, input: input, options: options, watchdog: InterruptHandler(limit: nil),
                bytes: nil, log: decoder.firstError)
        }
        let isDamaged = output.withFrame { frame in
            frame.pointee.decode_error_flags != 0
                || frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
        }
        return decoder.firstError
            ?? (isDamaged || decoder.hasErrors ? "parts of it are damaged or missing" : nil)
    }

    /// Decodes a HEIF image, puts its tiles together and crops it.
    func decode(_ image: HEIFImage, into output: borrowing UniqueAVFrame) throws(MediaError)
        -> String?
    {
        var damage: String?
        if let size = image.size {
            damage = try decodeTiles(of: image, size, into: output)
        } else if let tile = image.tiles.first {
            damage = try decode(
                tile.data, tile.codec, configuration: tile.configuration, into: output)
        }
        let isCropped = output.withFrame { frame in
            if let colors = image.colors {
                if colors.matrix != Int(AVCOL_SPC_UNSPECIFIED.rawValue) {
                    frame.pointee.colorspace = AVColorSpace(rawValue: UInt32(colors.matrix))
                }
                frame.pointee.color_range = colors.isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
                VideoDecoder.nameComponents(of: frame)
            }
            Self.expandGray(frame)
            guard let crop = image.crop else { return true }
            let width = Int(frame.pointee.width)
            let height = Int(frame.pointee.height)
            guard crop.left + crop.width <= width, crop.top + crop.height <= height else {
                return false
            }
            frame.pointee.crop_left = crop.left
            frame.pointee.crop_top = crop.top
            frame.pointee.crop_right = width - crop.left - crop.width
            frame.pointee.crop_bottom = height - crop.top - crop.height
            return av_frame_apply_cropping(frame, Int32(AV_FRAME_CROP_UNALIGNED)) >= 0
        }
        guard isCropped else {
            throw .damaged(input: input, framesRead: 0, reason: "it is cropped beyond its edges")
        }
        return damage
    }

    /// Expands gray samples of limited range to full range: libswscale takes all gray for full range.
    private static func expandGray(_ frame: UnsafeMutablePointer<AVFrame>) {
        let depths = [
            AV_PIX_FMT_GRAY8.rawValue: 8, AV_PIX_FMT_GRAY10LE.rawValue: 10,
            AV_PIX_FMT_GRAY12LE.rawValue: 12,
        ]
        guard let depth = depths[frame.pointee.format],
            frame.pointee.color_range != AVCOL_RANGE_JPEG, av_frame_make_writable(frame) >= 0,
            let plane = frame.pointee.extended_data[0]
        else { return }
        let (black, range, maximum) = (16 << (depth - 8), 219 << (depth - 8), (1 << depth) - 1)
        let table = (0...maximum).map { sample in
            min(max(((sample - black) * maximum + range / 2) / range, 0), maximum)
        }
        let width = Int(frame.pointee.width)
        for row in 0..<Int(frame.pointee.height) {
            let start = plane + row * frame.pointee.strides[0]
            if depth == 8 {
                for i in 0..<width { start[i] = UInt8(table[Int(start[i])]) }
            } else {
                start.withMemoryRebound(to: UInt16.self, capacity: width) { samples in
                    for i in 0..<width {
                        samples[i] = UInt16(table[min(Int(samples[i]), maximum)])
                    }
                }
            }
        }
        frame.pointee.color_range = AVCOL_RANGE_JPEG
    }

    private func decodeTiles(
        of image: HEIFImage, _ size: (width: Int, height: Int), into output: borrowing UniqueAVFrame
    ) throws(MediaError) -> String? {
        guard size.width <= options.pixelLimit / size.height,
            let width = Int32(exactly: size.width),
            let height = Int32(exactly: size.height)
        else {
            throw .tooManyPixels(
                input: input, width: size.width, height: size.height, limit: options.pixelLimit)
        }
        let rows = image.tiles.count / image.columns
        var damage: String?
        var tileWidth = 0
        var tileHeight = 0
        for (index, tile) in image.tiles.enumerated() {
            let decoded = UniqueAVFrame()
            let problem = try decode(
                tile.data, tile.codec, configuration: tile.configuration, into: decoded)
            damage = damage ?? problem
            let fits = try decoded.withFrame { (from) throws(MediaError) in
                if index == 0 {
                    tileWidth = Int(from.pointee.width)
                    tileHeight = Int(from.pointee.height)
                    guard output.reserve(width: width, height: height, format: from.pointee.format)
                    else { throw .outOfMemory(input: input) }
                    output.withFrame { _ = av_frame_copy_props($0, from) }
                }
                let covers =
                    tileWidth * image.columns >= size.width && tileHeight * rows >= size.height
                return output.withFrame { target in
                    let isSame =
                        from.pointee.width == tileWidth && from.pointee.height == tileHeight
                        && from.pointee.format == target.pointee.format
                    guard covers, isSame else { return false }
                    Self.copy(
                        from, to: target, x: index % image.columns * tileWidth,
                        y: index / image.columns * tileHeight)
                    return true
                }
            }
            guard fits else {
                throw .damaged(
                    input: input, framesRead: 0,
                    reason: "the images of its grid do not fit together")
            }
        }
        return damage
    }

    /// Copies a frame to a position of a larger one of the same format; what lies outside of that is
    /// left out.
    private static func copy(
        _ from: UnsafeMutablePointer<AVFrame>, to target: UnsafeMutablePointer<AVFrame>, x: Int,
        y: Int
    ) {
        let format = AVPixelFormat(from.pointee.format)
        guard let description = av_pix_fmt_desc_get(format)?.pointee else { return }
        let width = min(Int(from.pointee.width), Int(target.pointee.width) - x)
        let height = min(Int(from.pointee.height), Int(target.pointee.height) - y)
        guard width > 0, height > 0 else { return }
        for plane in 0..<4 {
            guard let source = from.pointee.extended_data[plane],
                let destination = target.pointee.extended_data[plane]
            else { break }
            let shift = plane == 1 || plane == 2 ? Int(description.log2_chroma_h) : 0
            let offset = Int(av_image_get_linesize(format, Int32(x), Int32(plane)))
            av_image_copy_plane(
                destination + (y >> shift) * target.pointee.strides[plane] + offset,
                Int32(target.pointee.strides[plane]), source, Int32(from.pointee.strides[plane]),
                av_image_get_linesize(format, Int32(width), Int32(plane)),
                Int32((height + (1 << shift) - 1) >> shift))
        }
    }
}
