import CFFmpeg
import Frames

/// The frame properties that a stage is configured for; a stage is reopened when they change.
struct FrameFormat: Equatable {
    var width: Int32
    var height: Int32
    var pixelFormat: Int32
    var orientation: Orientation
    var timeBase: AVRational
    var frameRate: AVRational
    /// Expected number of frames, if known.
    var frameCount: Int?
    var pixelAspect: AVRational
    var colorspace: AVColorSpace
    var range: AVColorRange

    init(
        of frame: UnsafeMutablePointer<AVFrame>, orientation: Orientation, timeBase: AVRational,
        frameRate: AVRational, frameCount: Int?
    ) {
        width = frame.pointee.width
        height = frame.pointee.height
        pixelFormat = frame.pointee.format
        self.orientation = orientation
        self.timeBase = timeBase
        self.frameRate = frameRate
        self.frameCount = frameCount
        pixelAspect = frame.pointee.sample_aspect_ratio
        colorspace = frame.pointee.colorspace
        range = frame.pointee.color_range
    }

    static func == (first: FrameFormat, second: FrameFormat) -> Bool {
        // As in the `ffmpeg` command, a change of colorspace, range or aspect ratio is ignored.
        first.width == second.width && first.height == second.height
            && first.pixelFormat == second.pixelFormat && first.orientation == second.orientation
            && first.timeBase.num == second.timeBase.num
            && first.timeBase.den == second.timeBase.den
    }
}
