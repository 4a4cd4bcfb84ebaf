import CFFmpeg
import Frames

/// FFmpeg filters and encoders that are applied to frames in memory, between decoding and sampling.
///
/// The frames are bit-identical to those of the `ffmpeg` command with the same filters and encoder
/// options and one thread: `ffmpeg -i clip.mp4 -vf gblur=sigma=2 -pix_fmt rgb24 …` for
/// `FrameFiltering([.filters("gblur=sigma=2")])`. Encoded frames are decoded again; an odd side
/// loses a row or a column, which `yuv420p` cannot represent.
///
/// There are two differences from the command. Time starts at the first frame, even if the file's
/// audio starts earlier, which affects time-dependent filters such as `fps`. Gaps of more than a
/// minute are closed.
public struct FrameFiltering: Sendable, Hashable {
    public enum Step: Sendable, Hashable {
        /// Crops to a region. As the first step it is checked against the size of the frames.
        case region(FrameRegion)
        /// A filter graph as for `ffmpeg -vf`, with one video input and one output of any size and
        /// number of frames. `{width}`, `{height}` and `{frames}` are replaced by the size and
        /// number of the input frames. The number is the container's, which is unknown for a pipe.
        case filters(String)
        /// The same, but for videos only: images are not changed.
        case videoFilters(String)
        /// Converts videos to this many frames per second by repeating and dropping frames; images
        /// are not changed.
        case frameRate(Double)
        /// Encodes as `yuv420p` and decodes again.
        case encode(RoundTripCodec)
    }

    public var steps: [Step]
    /// Output pixel format, optionally followed by filters; set to another for frames that are
    /// written to a file.
    var outputFormat = "rgb24"

    /// - Parameter steps: Applied in order; an empty list leaves frames unchanged.
    public init(_ steps: [Step] = []) {
        self.steps = steps
    }

    public var isEmpty: Bool { steps.isEmpty }

    /// Checks that FFmpeg knows the filters and that they fit together, by configuring them for a
    /// small video.
    ///
    /// - Throws: `MediaError.filtering` if FFmpeg refuses them.
    public func check() throws(MediaError) {
        for case .filters(let text) in stages(isStill: false) {
            let rate = AVRational(num: 8, den: 1)
            let sample = UniqueAVFrame()
            let format = sample.withFrame { frame in
                (frame.pointee.width, frame.pointee.height) = (64, 64)
                frame.pointee.format = AV_PIX_FMT_YUV420P.rawValue
                return FrameFormat(
                    of: frame, orientation: .upright, timeBase: AVRational(num: 1, den: 8),
                    frameRate: rate, frameCount: 8)
            }
            _ = try FilterGraph(text, for: format, input: text)
        }
    }

    /// Whether the number of frames stays the same.
    var preservesFrameCount: Bool {
        steps.allSatisfy { step in
            if case .region = step { true } else { false }
        }
    }

    public static func + (first: FrameFiltering, second: FrameFiltering) -> FrameFiltering {
        FrameFiltering(first.steps + second.steps)
    }

    /// A canonical description: the same text for equal steps, another text for any others.
    public var text: String {
        steps.map { step in
            switch step {
            case .region(let region): "region \(region.fragment)"
            case .filters(let text): "filters \(text.count) \(text)"
            case .videoFilters(let text): "video filters \(text.count) \(text)"
            case .frameRate(let rate): "frame rate \(rate)"
            case .encode(.h264(let crf, let preset)): "h264 crf \(crf) preset \(preset)"
            case .encode(.mpeg4(let quantiser)): "mpeg4 quantiser \(quantiser)"
            }
        }.joined(separator: "; ")
    }

    /// FFmpeg's name of the last codec that the frames pass; nil if nothing is encoded.
    var codecName: String? {
        for case .encode(let codec) in steps.reversed() { return codec.codecName }
        return nil
    }

    /// Groups the steps into filter graphs and encoders. Adjacent filters share a graph, and each
    /// graph ends with the pixel format of its consumer, as in the `ffmpeg` command.
    ///
    /// - Parameter isStill: Whether the input is a still image.
    func stages(isStill: Bool) -> [FilterStageConfiguration] {
        var stages: [FilterStageConfiguration] = []
        var filters: [String] = []
        for step in steps {
            switch step {
            case .region(let region):
                filters.append(region.filters)
            case .filters(let text):
                filters.append(text)
            case .videoFilters(let text):
                if !isStill { filters.append(text) }
            case .frameRate(let rate):
                if !isStill { filters.append("fps=\(rate)") }
            case .encode(let codec):
                filters += ["format=yuv420p", "crop=trunc(iw/2)*2:trunc(ih/2)*2"]
                stages += [.filters(filters.joined(separator: ",")), .roundTrip(codec)]
                filters = []
            }
        }
        if !filters.isEmpty {
            stages.append(.filters((filters + ["format=\(outputFormat)"]).joined(separator: ",")))
        }
        return stages
    }
}
