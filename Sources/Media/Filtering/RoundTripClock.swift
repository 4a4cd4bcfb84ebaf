import CFFmpeg
import Frames

/// The times of the frames of a round trip: whole frames of a constant rate.
struct RoundTripClock {
    let timeBase: AVRational
    let frameRate: AVRational
    private let sourceTimeBase: AVRational
    private var lastTime: Int64?

    init(_ format: FrameFormat) {
        let isKnown = format.frameRate.num > 0 && format.frameRate.den > 0
        frameRate = isKnown ? format.frameRate : AVRational(num: 25, den: 1)
        timeBase = AVRational(num: frameRate.den, den: frameRate.num)
        sourceTimeBase = format.timeBase
    }

    /// Gives a frame its time, and leaves the type of its picture to the encoder.
    mutating func prepare(_ frame: UnsafeMutablePointer<AVFrame>) {
        let time = av_rescale_q(frame.pointee.pts, sourceTimeBase, timeBase)
        // Keeps every frame: timestamps that collide at this frame rate are moved.
        frame.pointee.pts = lastTime.map { max(time, $0 &+ 1) } ?? time
        lastTime = frame.pointee.pts
        frame.pointee.pict_type = AV_PICTURE_TYPE_NONE
    }
}
