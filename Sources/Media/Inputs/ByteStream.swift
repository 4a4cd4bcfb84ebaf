import CFFmpeg

/// The byte stream of one file, URL or pipe; owns its `AVIOContext`.
final class ByteStream {
    private(set) var context: UnsafeMutablePointer<AVIOContext>
    /// Owner of `context`, if it is a pipe.
    private let pipe: PipeStream?
    /// Referenced by the context's interrupt callback.
    private let watchdog: InterruptHandler

    /// Opens a named pipe; nil means standard input.
    init(pipe path: String?, watchdog: InterruptHandler, input: String) throws(MediaError) {
        let pipe = try PipeStream(path: path, watchdog: watchdog, input: input)
        guard let context = pipe.context else { throw .outOfMemory(input: input) }
        self.pipe = pipe
        self.watchdog = watchdog
        self.context = context
    }

    /// Opens a file (`file:PATH`, so that no path is mistaken for a protocol) or a URL.
    ///
    /// - Parameters:
    ///   - protocols: Comma-separated whitelist of protocols; nil allows all.
    ///   - settings: Options of the protocol.
    init(
        url: String, protocols: String?, settings: [String: String] = [:],
        watchdog: InterruptHandler, input: String
    ) throws(MediaError) {
        pipe = nil
        self.watchdog = watchdog
        var callback = watchdog.callback
        var dictionary: OpaquePointer?
        defer { av_dict_free(&dictionary) }
        if let protocols { av_dict_set(&dictionary, "protocol_whitelist", protocols, 0) }
        for (key, value) in settings { av_dict_set(&dictionary, key, value, 0) }
        watchdog.restart()
        var opened: UnsafeMutablePointer<AVIOContext>?
        let code = avio_open2(&opened, url, AVIO_FLAG_READ, &callback, &dictionary)
        guard code >= 0, let opened else {
            if code == ganrm_error_exit, let seconds = watchdog.timedOutAfter {
                throw .timedOut(input: input, seconds: seconds)
            }
            if code == ganrm_error_exit { throw .interrupted(input: input) }
            throw .unreadable(input: input, reason: LibavLog.firstError() ?? libavMessage(code))
        }
        context = opened
    }

    deinit {
        guard pipe == nil else { return }
        var context: UnsafeMutablePointer<AVIOContext>? = context
        avio_closep(&context)
    }

    var isPipe: Bool { pipe != nil }

    /// Whether the stream has no bytes at all. Consumes a byte.
    var isEmpty: Bool {
        avio_r8(context)
        return avio_feof(context) != 0 && avio_tell(context) <= 1
    }
}
