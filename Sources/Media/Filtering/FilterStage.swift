import CFFmpeg
import Frames

/// A filter graph or encoder in operation: frames are sent to it, and its output is received.
protocol FilterStage: AnyObject {
    /// Takes ownership of a frame's pixels; nil flushes the stage. Returns libav's code.
    func send(_ frame: UnsafeMutablePointer<AVFrame>?) -> Int32
    /// Receives the next frame. Returns libav's code: `ganrm_error_again` if more input is needed,
    /// `ganrm_error_eof` at the end.
    func receive(into output: borrowing UniqueAVFrame) -> Int32
    /// Time base of the output frames.
    var timeBase: AVRational { get }
    /// Output frames per second; 0/1 if unknown.
    var frameRate: AVRational { get }
}

extension MediaError {
    /// Converts a libav error code from filtering to a `MediaError`.
    static func filtering(_ code: Int32, input: String) -> MediaError {
        if code == ganrm_error_memory { return .outOfMemory(input: input) }
        return .filtering(input: input, reason: LibavLog.firstError() ?? libavMessage(code))
    }
}
