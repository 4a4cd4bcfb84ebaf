package import CFFmpeg

/// A decoded picture; owns its `AVFrame`, which is freed when the value goes away.
package struct Picture: ~Copyable {
    private let frame: UnsafeMutablePointer<AVFrame>

    package init() {
        guard let frame = av_frame_alloc() else { fatalError("out of memory") }
        self.frame = frame
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        av_frame_free(&frame)
    }

    /// Lends the frame to C; the pointer must not leave `body`.
    package borrowing func withFrame<Result, Failure: Error>(
        _ body: (UnsafeMutablePointer<AVFrame>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(frame)
    }

    /// Takes over the pixels of `other`, which is empty afterwards.
    package borrowing func take(_ other: borrowing Picture) {
        av_frame_unref(frame)
        av_frame_move_ref(frame, other.frame)
    }

    /// Makes room for pixels; what is there already is used again if it fits.
    ///
    /// - Returns: Whether there was enough memory.
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
