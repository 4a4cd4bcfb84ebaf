package import CFFmpeg

/// An owned `AVFrame`, which is freed when the value is destroyed.
package struct UniqueAVFrame: ~Copyable {
    private let frame: UnsafeMutablePointer<AVFrame>

    package init() {
        guard let frame = av_frame_alloc() else { fatalError("out of memory") }
        self.frame = frame
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        av_frame_free(&frame)
    }

    /// Lends the frame to `body`; the pointer must not escape.
    package borrowing func withFrame<Result, Failure: Error>(
        _ body: (UnsafeMutablePointer<AVFrame>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(frame)
    }

    /// Takes ownership of the pixels of `other`, which is empty afterwards.
    package borrowing func take(_ other: borrowing UniqueAVFrame) {
        av_frame_unref(frame)
        av_frame_move_ref(frame, other.frame)
    }

    /// Allocates a pixel buffer, unless there is one of this size and format.
    ///
    /// - Returns: False if there is not enough memory.
    package borrowing func reserve(width: Int32, height: Int32, format: Int32) -> Bool {
        let fits =
            frame.pointee.buf.0 != nil && frame.pointee.width == width
            && frame.pointee.height == height && frame.pointee.format == format
        if fits { return true }
        av_frame_unref(frame)
        frame.pointee.width = width
        frame.pointee.height = height
        frame.pointee.format = format
        return av_frame_get_buffer(frame, 0) >= 0
    }
}
