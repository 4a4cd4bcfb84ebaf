import CFFmpeg
import Frames

/// What a stage is made for: as long as frames are alike, it goes on.
struct FrameFormat: Equatable {
    var width: Int32
    var height: Int32
    var pixelFormat: Int32
    var orientation: Orientation
    var timeBase: AVRational
    var frameRate: AVRational
    /// Frames that will come, if that is known.
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
        // As the command: other colours or another aspect ratio do not make it begin anew.
        first.width == second.width && first.height == second.height
            && first.pixelFormat == second.pixelFormat && first.orientation == second.orientation
            && first.timeBase.num == second.timeBase.num
            && first.timeBase.den == second.timeBase.den
    }
}
