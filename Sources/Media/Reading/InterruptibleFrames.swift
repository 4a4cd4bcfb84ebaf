import CFFmpeg
import Frames

/// The frames of another source, until `MediaInterruption` is requested.
final class InterruptibleFrames: FrameSource {
    private let source: any FrameSource
    private let input: String

    /// - Parameter input: The name of the input in errors.
    init(_ source: any FrameSource, input: String) {
        self.source = source
        self.input = input
    }

    func next(into output: borrowing UniqueAVFrame) throws(MediaError) -> FrameTime? {
        if MediaInterruption.isRequested { throw .interrupted(input: input) }
        return try source.next(into: output)
    }

    func orientation(of frame: UnsafeMutablePointer<AVFrame>) -> Orientation {
        source.orientation(of: frame)
    }
}
