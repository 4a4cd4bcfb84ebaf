import CFFmpeg
import Files
import Frames

/// The complete frames of an animated WebP file, for which FFmpeg before 8 has no decoder.
///
/// Each frame is decoded by libav's decoder of still images. Frames are composed as by libwebp:
/// what no frame covers is transparent black, whatever background color the file recommends.
final class WebPFrames: DecodedSource {
    let properties: SourceProperties
    private(set) var truncation: String?
    private let animation: WebPAnimation
    private let orientation: Orientation
    private let decoder: StillDecoder
    private let times: [Double]
    /// What is shown; nil if no frame needs those before it.
    private var canvas: Canvas?
    private let converter = ColorConverter()
    private var index = 0

    init(
        _ animation: WebPAnimation, _ image: StillImage, input: String, options: MediaOptions
    ) throws(MediaError) {
        let (width, height) = (animation.width, animation.height)
        guard width <= options.pixelLimit / height else {
            throw .tooManyPixels(
                input: input, width: width, height: height, limit: options.pixelLimit)
        }
        // The canvas with alpha, a frame, its pixels and the composed image.
        guard Memory.isAvailable(16 * width * height) else { throw .outOfMemory(input: input) }
        let seconds = Double(animation.milliseconds) / 1000
        if let limit = options.durationLimit, seconds > limit {
            throw .tooLong(input: input, seconds: seconds, limit: limit)
        }
        self.animation = animation
        orientation = image.orientation
        truncation = image.truncation
        decoder = StillDecoder(input: input, options: options)
        times = animation.times
        if animation.isComposed { canvas = Canvas(width: width, height: height) }
        properties = SourceProperties(
            input: input, formatName: image.formatName, codecName: image.codecName,
            mayBeStill: true, timeBase: AVRational(num: 1, den: 1000),
            frameRate: av_d2q(Double(animation.frames.count) / max(seconds, 0.001), 1001 * 240),
            durationSeconds: seconds, isLive: false)
    }

    var knownTimeline: FrameTimeline? {
        // If frames are missing, the number is known once all are decoded.
        truncation == nil ? FrameTimeline(times: times) : nil
    }

    func orientation(of frame: UnsafeMutablePointer<AVFrame>) -> Orientation { orientation }

    func next(into output: borrowing UniqueAVFrame) throws(MediaError) -> FrameTime? {
        guard index < animation.frames.count else { return nil }
        let frame = animation.frames[index]
        do throws(MediaError) {
            let damage = try decoder.decode(frame.file, AV_CODEC_ID_WEBP, into: output)
            truncation = truncation ?? damage
            let isRight = output.withFrame {
                Int($0.pointee.width) == frame.width && Int($0.pointee.height) == frame.height
            }
            guard isRight, frame.x + frame.width <= animation.width,
                frame.y + frame.height <= animation.height
            else {
                throw .damaged(
                    input: properties.input, framesRead: index,
                    reason: "frame \(index) does not have its declared size")
            }
            try compose(frame, output)
        } catch .damaged(let input, _, let reason) {
            guard index > 0 else {
                throw .damaged(input: input, framesRead: 0, reason: truncation ?? reason)
            }
            truncation = truncation ?? reason
            return nil
        }
        defer { index += 1 }
        return FrameTime(
            index: index, ptsSeconds: times[index],
            durationSeconds: Double(frame.milliseconds) / 1000)
    }

    /// Replaces a decoded frame by what the canvas shows.
    private func compose(
        _ frame: WebPAnimation.Frame, _ output: borrowing UniqueAVFrame
    ) throws(MediaError) {
        guard canvas != nil else { return }
        let input = properties.input
        do throws(FrameError) {
            try output.withFrame { (decoded) throws(FrameError) in
                let pixels = try converter.convert(decoded, orientation: .upright, input: input)
                    .pixels
                let alpha = frame.isOpaque ? nil : Self.alpha(of: decoded)
                canvas?.draw(frame, pixels, alpha: alpha)
                // Filters may hold a reference to the buffer of the frame before.
                av_frame_unref(decoded)
            }
        } catch {
            throw .frame(error)
        }
        guard
            output.reserve(
                width: Int32(animation.width), height: Int32(animation.height),
                format: AV_PIX_FMT_RGB24.rawValue)
        else { throw .outOfMemory(input: input) }
        output.withFrame { canvas?.copyPixels(to: $0) }
        if frame.isDisposed { canvas?.clear(frame) }
    }

    /// The alpha samples of a frame; nil if its format has none.
    private static func alpha(of frame: UnsafeMutablePointer<AVFrame>) -> [UInt8]? {
        let planeAndStep: (plane: Int, step: Int)
        switch frame.pointee.format {
        case AV_PIX_FMT_YUVA420P.rawValue: planeAndStep = (3, 1)
        case AV_PIX_FMT_ARGB.rawValue: planeAndStep = (0, 4)
        default: return nil
        }
        guard let samples = frame.pointee.extended_data[planeAndStep.plane] else { return nil }
        let stride = frame.pointee.strides[planeAndStep.plane]
        return (0..<Int(frame.pointee.height)).flatMap { row in
            (0..<Int(frame.pointee.width)).map { samples[row * stride + $0 * planeAndStep.step] }
        }
    }
}

extension WebPFrames {
    /// RGB without premultiplication, and alpha.
    private struct Canvas {
        private let width: Int
        private let height: Int
        private var pixels: [UInt8]
        private var alpha: [UInt8]
        /// Whether all of it is transparent black.
        private var isClear = true

        init(width: Int, height: Int) {
            (self.width, self.height) = (width, height)
            pixels = [UInt8](repeating: 0, count: 3 * width * height)
            alpha = [UInt8](repeating: 0, count: width * height)
        }

        /// Draws an image over the rectangle of a frame.
        ///
        /// - Parameters:
        ///   - source: The image, `[height, width, 3]`.
        ///   - sourceAlpha: Its alpha; nil if it is opaque.
        mutating func draw(
            _ frame: WebPAnimation.Frame, _ source: [UInt8], alpha sourceAlpha: [UInt8]?
        ) {
            // On an empty canvas, as without blending, transparent pixels keep their colors.
            let blends = frame.blends && !isClear
            for row in 0..<frame.height {
                let start = (frame.y + row) * width + frame.x
                for column in 0..<frame.width {
                    let from = row * frame.width + column
                    let to = start + column
                    let above = Int(sourceAlpha?[from] ?? 255)
                    let below = blends ? Int(alpha[to]) * (255 - above) / 255 : 0
                    if above == 0 && blends { continue }
                    for channel in 0..<3 {
                        let color = Int(source[3 * from + channel])
                        pixels[3 * to + channel] =
                            below == 0
                            ? UInt8(color)
                            : UInt8(
                                (color * above + Int(pixels[3 * to + channel]) * below)
                                    / (above + below))
                    }
                    alpha[to] = UInt8(above + below)
                }
            }
            isClear = false
        }

        /// Clears the rectangle of a frame.
        mutating func clear(_ frame: WebPAnimation.Frame) {
            for row in frame.y..<(frame.y + frame.height) {
                for column in frame.x..<(frame.x + frame.width) {
                    let position = row * width + column
                    alpha[position] = 0
                    for channel in 0..<3 { pixels[3 * position + channel] = 0 }
                }
            }
            isClear = frame.width == width && frame.height == height
        }

        /// Writes the pixels to a frame of packed RGB.
        func copyPixels(to frame: UnsafeMutablePointer<AVFrame>) {
            guard let target = frame.pointee.extended_data[0] else { return }
            let stride = frame.pointee.strides[0]
            pixels.withUnsafeBufferPointer { pixels in
                guard let source = pixels.baseAddress else { return }
                for row in 0..<height {
                    (target + row * stride).update(
                        from: source + row * 3 * width, count: 3 * width)
                }
            }
        }
    }
}
