import CFFmpeg
public import Frames

/// What frames go through between decoding and sampling: FFmpeg filters and encoders, in memory.
///
/// The frames are those that the `ffmpeg` command gives with the same filters and encoder options and one
/// thread, to the bit: `ffmpeg -i clip.mp4 -vf gblur=sigma=2 -pix_fmt rgb24 …` for
/// `FrameTreatment([.filters("gblur=sigma=2")])`. An encoder's frames are decoded again; one with an odd
/// side loses a row or a column, which `yuv420p` cannot hold.
///
/// Where it may differ from the command: times are counted from the first frame, not from the start of a
/// file whose sound begins earlier, which filters of time (`fps`) see, and gaps of more than a minute are
/// closed.
public struct FrameTreatment: Sendable, Hashable {
    public enum Step: Sendable, Hashable {
        /// Cuts a region out. As the first step it is checked against the size of the frames.
        case region(FrameRegion)
        /// A filter graph as after `ffmpeg -vf`: one video in, one out, of any size and number of frames.
        /// `{width}`, `{height}` and `{frames}` stand for the size and the number of the frames that come
        /// in; the number is the container's, which a pipe does not tell.
        case filters(String)
        /// The same for videos alone: pictures stay as they are.
        case videoFilters(String)
        /// Brings videos to so many frames per second, repeating and dropping; pictures stay as they are.
        case frameRate(Double)
        /// Encodes as `yuv420p` and decodes again.
        case encode(RoundTripCodec)
    }

    public var steps: [Step]
    /// The pixel format that comes out, and filters after it: another for frames that are written to a file.
    var outputFormat = "rgb24"

    /// - Parameter steps: None: frames stay as they are.
    public init(_ steps: [Step] = []) {
        self.steps = steps
    }

    public var isEmpty: Bool { steps.isEmpty }

    /// Refuses filters that FFmpeg does not know or that do not fit together, by a try on a small video.
    ///
    /// - Throws: `MediaError.treatment`.
    public func check() throws(MediaError) {
        for case .filters(let text) in stages(isStill: false) {
            let rate = AVRational(num: 8, den: 1)
            let sample = Picture()
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

    /// Whether as many frames come out as go in.
    var keepsFrames: Bool {
        steps.allSatisfy { step in
            if case .region = step { true } else { false }
        }
    }

    public static func + (first: FrameTreatment, second: FrameTreatment) -> FrameTreatment {
        FrameTreatment(first.steps + second.steps)
    }

    /// The same text for the same treatment, another for any other.
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

    /// What the frames are coded as at last; nil if nothing is encoded.
    var codecName: String? {
        for case .encode(let codec) in steps.reversed() { return codec.codecName }
        return nil
    }

    /// The filter graphs and encoders that the steps amount to: neighbouring filters share a graph, and
    /// each graph ends in what comes after it, as with the command.
    ///
    /// - Parameter isStill: Whether the input is a picture.
    func stages(isStill: Bool) -> [FrameStageKind] {
        var stages: [FrameStageKind] = []
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
