import CFFmpeg
import Frames

/// One step of a treatment at work: frames are sent in, others are received.
protocol FrameStage: AnyObject {
    /// Takes a frame's pixels over, or nil at the end. Returns libav's code.
    func send(_ frame: UnsafeMutablePointer<AVFrame>?) -> Int32
    /// Gives the next frame, `ganrm_error_again` if it needs more first, `ganrm_error_eof` at the end.
    func receive(into picture: borrowing Picture) -> Int32
    /// Ticks of the frames that come out.
    var timeBase: AVRational { get }
    /// Frames per second that come out, 0/1 if unknown.
    var frameRate: AVRational { get }
}

extension MediaError {
    /// The error that a failed call of a treatment amounts to.
    static func treatment(_ code: Int32, input: String) -> MediaError {
        if code == ganrm_error_memory { return .outOfMemory(input: input) }
        return .treatment(input: input, reason: LibavLog.firstError() ?? libavMessage(code))
    }
}
