import CFFmpeg
import Frames

/// The frames of an input in presentation order, decoded or processed further.
protocol FrameSource: AnyObject {
    /// Moves the next frame into `output`; nil at the end.
    func next(into output: borrowing UniqueAVFrame) throws(MediaError) -> FrameTime?
    /// The orientation that is still to be applied to a frame of this source.
    func orientation(of frame: UnsafeMutablePointer<AVFrame>) -> Orientation
}
