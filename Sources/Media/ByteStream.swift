import CFFmpeg
import Frames

/// The bytes of one file, address or pipe; owns libav's stream.
final class ByteStream {
    private(set) var context: UnsafeMutablePointer<AVIOContext>
    /// Owner of `context`, if it is a pipe.
    private let pipe: PipeStream?

    /// A pipe with a name; nil: standard input. `watchdog` is borrowed.
    init(pipe path: String?, watchdog: Watchdog, input: String) throws(MediaError) {
        let pipe = try PipeStream(path: path, watchdog: watchdog, input: input)
        guard let context = pipe.context else { throw .outOfMemory(input: input) }
        self.pipe = pipe
        self.context = context
    }

    /// A file (`file:PATH`, so that no path is taken for a protocol) or an address.
    ///
    /// - Parameters:
    ///   - protocols: The only protocols that may be used on the way; nil: all.
    ///   - settings: Options of the protocol.
    init(
        url: String, protocols: String?, settings: [String: String] = [:], watchdog: Watchdog,
        input: String
    ) throws(MediaError) {
        pipe = nil
        var callback = watchdog.callback
        var dictionary: OpaquePointer?
        defer { av_dict_free(&dictionary) }
        if let protocols { av_dict_set(&dictionary, "protocol_whitelist", protocols, 0) }
        for (key, value) in settings { av_dict_set(&dictionary, key, value, 0) }
        watchdog.restart()
        var opened: UnsafeMutablePointer<AVIOContext>?
        let code = avio_open2(&opened, url, AVIO_FLAG_READ, &callback, &dictionary)
        guard code >= 0, let opened else {
            if code == ganrm_error_exit && watchdog.hasTimedOut {
                throw .timedOut(input: input, seconds: watchdog.limit ?? 0)
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

    /// Whether not a single byte came. Reads one if none was read yet.
    var isEmpty: Bool {
        avio_r8(context)
        return avio_feof(context) != 0 && avio_tell(context) <= 1
    }
}
