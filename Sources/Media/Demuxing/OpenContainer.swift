import CFFmpeg

/// An open container; owns its format context and the byte stream that it reads from.
final class OpenContainer {
    let context: UnsafeMutablePointer<AVFormatContext>
    /// Nil for image sequences, whose files libav opens.
    let bytes: ByteStream?
    /// Referenced by the context's interrupt callback.
    private let watchdog: InterruptHandler

    /// - Parameter context: An open context, of which this takes ownership.
    init(
        _ context: UnsafeMutablePointer<AVFormatContext>, bytes: ByteStream?,
        watchdog: InterruptHandler
    ) {
        self.context = context
        self.bytes = bytes
        self.watchdog = watchdog
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&context)
    }
}
