package import CFFmpeg

/// The orientation of a frame: flips of the stored rows and columns, then a transposition.
///
/// Source: FFmpeg, `fftools/ffmpeg_filter.c`, `configure_input_video_filter` (autorotate), so that
/// videos from phones and EXIF-rotated JPEGs have the orientation that the `ffmpeg` command gives
/// them. Angles that are not multiples of 90° are not applied.
package struct Orientation: Equatable {
    package var transposes = false
    /// Stored rows are read from the last to the first.
    package var flipsRows = false
    /// Stored columns are read from the last to the first.
    package var flipsColumns = false

    package static let upright = Orientation()

    package init(transposes: Bool = false, flipsRows: Bool = false, flipsColumns: Bool = false) {
        self.transposes = transposes
        self.flipsRows = flipsRows
        self.flipsColumns = flipsColumns
    }

    /// - Parameter matrix: FFmpeg's 3×3 display matrix; nil means upright.
    package init(displayMatrix matrix: UnsafePointer<Int32>?) {
        self.init()
        guard let matrix else { return }
        var angle = -av_display_rotation_get(matrix).rounded()
        guard angle.isFinite else { return }
        angle -= 360 * (angle / 360 + 0.9 / 360).rounded(.down)
        if abs(angle - 90) < 1 {
            transposes = true
            flipsRows = matrix[3] <= 0
        } else if abs(angle - 180) < 1 {
            flipsColumns = matrix[0] < 0
            flipsRows = matrix[4] < 0
        } else if abs(angle - 270) < 1 {
            transposes = true
            flipsColumns = true
            flipsRows = matrix[3] < 0
        } else if abs(angle) < 1 {
            flipsRows = matrix[4] < 0
        }
    }

    /// Whether the planes of this format can be rotated one by one. Where chroma is subsampled in
    /// one direction only, or pixels share bytes, the RGB image is rotated instead, as FFmpeg does.
    package func appliesToPlanes(of description: AVPixFmtDescriptor) -> Bool {
        let unsupportedFlags =
            UInt64(AV_PIX_FMT_FLAG_PAL) | UInt64(AV_PIX_FMT_FLAG_BITSTREAM)
            | UInt64(AV_PIX_FMT_FLAG_HWACCEL)
        guard description.flags & unsupportedFlags == 0 else { return false }
        let isSquare = description.log2_chroma_w == description.log2_chroma_h
        return isSquare || (!transposes && description.comp.0.plane != description.comp.1.plane)
    }

    /// Copies one plane and applies the orientation.
    ///
    /// - Parameters:
    ///   - width: Stored pixels per row.
    ///   - height: Stored rows.
    ///   - size: Bytes per pixel.
    package func copyPlane(
        from source: UnsafePointer<UInt8>, stride: Int, width: Int, height: Int, size: Int,
        to target: UnsafeMutablePointer<UInt8>, targetStride: Int
    ) {
        let stepX = (flipsColumns ? -1 : 1) * size
        let stepY = (flipsRows ? -1 : 1) * stride
        let first =
            source + (flipsColumns ? (width - 1) * size : 0)
            + (flipsRows ? (height - 1) * stride : 0)
        let (columns, rows) = transposes ? (height, width) : (width, height)
        let (alongRow, alongColumn) = transposes ? (stepY, stepX) : (stepX, stepY)
        for row in 0..<rows {
            var from = first + row * alongColumn
            var to = target + row * targetStride
            for _ in 0..<columns {
                for byte in 0..<size { to[byte] = from[byte] }
                from += alongRow
                to += size
            }
        }
    }

    /// Applies the orientation to a frame of any format for which `appliesToPlanes` holds.
    ///
    /// - Returns: False if there is not enough memory.
    package func apply(
        to frame: UnsafeMutablePointer<AVFrame>, description: AVPixFmtDescriptor,
        into output: borrowing UniqueAVFrame
    ) -> Bool {
        let width = frame.pointee.width
        let height = frame.pointee.height
        guard
            output.reserve(
                width: transposes ? height : width, height: transposes ? width : height,
                format: frame.pointee.format)
        else { return false }
        var description = description
        var sizes: [Int32] = [0, 0, 0, 0]
        av_image_fill_max_pixsteps(&sizes, nil, &description)
        output.withFrame { target in
            target.pointee.colorspace = frame.pointee.colorspace
            target.pointee.color_range = frame.pointee.color_range
            let strides = frame.pointee.strides
            let targetStrides = target.pointee.strides
            for plane in 0..<4 {
                guard let from = frame.pointee.extended_data[plane],
                    let to = target.pointee.extended_data[plane]
                else { break }
                let isChroma = plane == 1 || plane == 2
                let shiftX = isChroma ? Int(description.log2_chroma_w) : 0
                let shiftY = isChroma ? Int(description.log2_chroma_h) : 0
                copyPlane(
                    from: from, stride: strides[plane], width: -(-Int(width) >> shiftX),
                    height: -(-Int(height) >> shiftY), size: Int(sizes[plane]),
                    to: to, targetStride: targetStrides[plane])
            }
        }
        return true
    }
}

extension AVFrame {
    /// Bytes from one row to the next, of the first four planes.
    package var strides: [Int] {
        [Int(linesize.0), Int(linesize.1), Int(linesize.2), Int(linesize.3)]
    }
}
