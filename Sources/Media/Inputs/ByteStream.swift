import CFFmpeg
import Glibc

/// The byte stream of one file, URL or pipe; owns its `AVIOContext`.
final class ByteStream {
    private(set) var context: UnsafeMutablePointer<AVIOContext>
    /// The context of the file, URL or pipe.
    private let source: UnsafeMutablePointer<AVIOContext>
    /// Owner of `source`, if it is a pipe.
    private let pipe: PipeStream?
    /// Owner of `source`, if it is a part of a file.
    private let part: FilePartStream?
    /// Owner of `context`, if it is not `source`.
    private var replayed: ReplayedStream?
    /// The input as the user wrote it, for error messages.
    private let input: String
    /// Referenced by the context's interrupt callback.
    let watchdog: InterruptHandler

    /// Opens a named pipe; nil means standard input.
    init(pipe path: String?, watchdog: InterruptHandler, input: String) throws(MediaError) {
        let pipe = try PipeStream(path: path, watchdog: watchdog, input: input)
        guard let context = pipe.context else { throw .outOfMemory(input: input) }
        self.pipe = pipe
        part = nil
        isFile = false
        self.watchdog = watchdog
        self.input = input
        self.context = context
        source = context
        watchdog.restart()
    }

    /// Opens a part of a file.
    init(_ file: FilePart, watchdog: InterruptHandler, input: String) throws(MediaError) {
        guard let part = FilePartStream(file, watchdog: watchdog) else {
            throw .outOfMemory(input: input)
        }
        self.part = part
        pipe = nil
        isFile = true
        self.watchdog = watchdog
        self.input = input
        context = part.context
        source = part.context
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
        part = nil
        isFile = url.hasPrefix("file:")
        self.watchdog = watchdog
        self.input = input
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
        source = opened
    }

    deinit {
        guard pipe == nil, part == nil else { return }
        var context: UnsafeMutablePointer<AVIOContext>? = source
        avio_closep(&context)
    }

    /// What follows a read.
    enum Position {
        case more
        case end
        /// Reading failed; the next read fails again.
        case failure
    }

    /// Reads on and appends `count` bytes, or fewer at the end.
    func read(_ count: Int, into bytes: inout [UInt8]) -> Position {
        var missing = count
        while missing > 0 {
            let size = min(missing, 1 << 20)
            var code: Int32 = 0
            bytes += [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
                code = avio_read(context, buffer.baseAddress, Int32(size))
                filled = max(0, Int(code))
            }
            if code == ganrm_error_eof || code == 0 { return .end }
            if code < 0 { return .failure }
            missing -= Int(code)
        }
        return .more
    }

    /// Returns to the start of the stream.
    ///
    /// - Parameter bytes: All bytes that were read so far.
    func replay(_ bytes: [UInt8]) throws(MediaError) {
        // Within the buffer even a pipe can seek.
        if avio_seek(context, 0, SEEK_SET) == 0 { return }
        guard let replayed = ReplayedStream(bytes, before: source) else {
            throw .outOfMemory(input: input)
        }
        self.replayed = replayed
        context = replayed.context
    }

    var isPipe: Bool { pipe != nil }

    /// Whether the bytes come from a file, which can be read again at no cost.
    private let isFile: Bool

    /// The first bytes of the input, at most 4096, as far as they are in the buffer; none if any were
    /// consumed. After probing the buffer has at least 2048 bytes or the whole input.
    var head: [UInt8] {
        guard avio_tell(context) == 0, let start = context.pointee.buf_ptr,
            let end = context.pointee.buf_end, end > start
        else { return [] }
        return Array(UnsafeBufferPointer(start: start, count: min(4096, end - start)))
    }

    /// Number of bytes of a file, or of those that a pipe has sent; nil for a URL.
    var byteCount: Int64? {
        if let pipe, !pipe.isSeekable { return pipe.byteCount }
        guard isFile || pipe != nil else { return nil }
        let size = avio_size(context)
        return size >= 0 ? size : nil
    }

    /// Whether all bytes of the input can be read again.
    var isStoredWhole: Bool {
        if let pipe, !pipe.isSeekable { return pipe.isKeptWhole }
        return isFile || pipe != nil
    }

    /// Bytes of the input, read again; none if a pipe has not kept them. Moves the position.
    func stored(at offset: Int64, count: Int) -> [UInt8] {
        if let pipe, !pipe.isSeekable { return pipe.kept(at: offset, count: count) }
        guard isFile || pipe != nil, avio_seek(context, offset, SEEK_SET) == offset else {
            return []
        }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, Int(avio_read(context, buffer.baseAddress, Int32(clamping: count))))
        }
    }

    /// Whether the stream has no bytes at all. Consumes a byte.
    var isEmpty: Bool {
        avio_r8(context)
        return avio_feof(context) != 0 && avio_tell(context) <= 1
    }
}

extension ByteStream {
    /// Opens standard input, a named pipe, a device or a URL.
    ///
    /// - Returns: Nil for a file, a folder, a numbered sequence, and what does not exist.
    static func open(
        _ source: InputSource, options: MediaOptions
    ) throws(MediaError) -> ByteStream? {
        guard source == .standardInput || source.isStream else { return nil }
        let input = source.description
        if let problem = options.problem { throw .invalidOption(input: input, reason: problem) }
        LibavLog.install()
        LibavLog.clear()
        let timeout = options.timeoutSeconds ?? (source.isURL ? 30 : nil)
        let watchdog = InterruptHandler(limit: source.isStream ? timeout : nil)
        guard case .path(let url) = source, let scheme = source.scheme, source.isURL else {
            return try ByteStream(pipe: source.filePath, watchdog: watchdog, input: input)
        }
        guard avio_find_protocol_name(url) != nil else {
            throw .schemeUnknown(input: input, scheme: scheme)
        }
        let protocols = ProtocolPolicy.protocols(scheme)
        guard protocols != nil || options.allowsNestedInputs else {
            throw .schemeRefused(input: input, scheme: scheme)
        }
        return try ByteStream(
            url: url, protocols: options.allowsNestedInputs ? nil : protocols,
            settings: options.listens ? ProtocolPolicy.listening(scheme, input: input) : [:],
            watchdog: watchdog, input: input)
    }
}
