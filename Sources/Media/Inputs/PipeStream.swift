import CFFmpeg
import Files
import Glibc

/// Standard input or a named pipe as a libav byte stream. Waits with `poll`, so that an
/// interruption or a time-out ends the wait; seekable only if a file was redirected (`< clip.mp4`).
final class PipeStream {
    private let descriptor: Int32
    private let isOwner: Bool
    private let watchdog: InterruptHandler
    private(set) var context: UnsafeMutablePointer<AVIOContext>?
    /// Whether a file was redirected to the pipe.
    let isSeekable: Bool
    /// Number of bytes that the pipe has sent.
    private(set) var byteCount: Int64 = 0
    /// The first bytes of the pipe, at most `keptCount`.
    private var head: [UInt8] = []
    /// The last bytes of the pipe, between one and two times `keptCount` after as many.
    private var tail: [UInt8] = []

    /// Bytes that are kept of the beginning and of the end of a pipe, for `StoredBytes`.
    private static let keptCount = 1 << 16

    /// - Parameters:
    ///   - path: Path of a named pipe, whose writer may open it later; nil means standard input.
    ///   - watchdog: Borrowed.
    init(path: String?, watchdog: InterruptHandler, input: String) throws(MediaError) {
        isOwner = path != nil
        // Without O_NONBLOCK `open` blocks until there is a writer, and cannot be interrupted.
        descriptor = path.map { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) } ?? STDIN_FILENO
        self.watchdog = watchdog
        guard descriptor >= 0 else { throw .file(.last(.read, input)) }
        let bufferSize = 1 << 16
        guard let buffer = av_malloc(bufferSize) else { throw .outOfMemory(input: input) }
        var status = stat()
        isSeekable = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        context = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self), Int32(bufferSize), 0,
            Unmanaged.passUnretained(self).toOpaque(),
            { opaque, bytes, count in
                guard let opaque, let bytes else { return ganrm_error_io }
                return Unmanaged<PipeStream>.fromOpaque(opaque).takeUnretainedValue()
                    .read(into: bytes, count: Int(count))
            },
            nil,
            isSeekable
                ? { opaque, offset, whence in
                    guard let opaque else { return -1 }
                    return Unmanaged<PipeStream>.fromOpaque(opaque).takeUnretainedValue()
                        .seek(offset, whence)
                } : nil)
        guard context != nil else {
            av_free(buffer)
            throw .outOfMemory(input: input)
        }
    }

    deinit {
        if context != nil {
            av_freep(&context!.pointee.buffer)
            avio_context_free(&context)
        }
        if isOwner && descriptor >= 0 { close(descriptor) }
    }

    private func read(into bytes: UnsafeMutablePointer<UInt8>, count: Int) -> Int32 {
        while true {
            if watchdog.shouldInterrupt { return ganrm_error_exit }
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&polled, 1, 100)
            if ready == 0 || (ready < 0 && errno == EINTR) { continue }
            let got = Glibc.read(descriptor, bytes, count)
            if got > 0 {
                // Data that arrives slowly, as a large frame may, is not a time-out.
                watchdog.restart()
                if !isSeekable { keep(UnsafeBufferPointer(start: bytes, count: got)) }
                return Int32(got)
            }
            if got == 0 { return ganrm_error_eof }
            if errno != EINTR && errno != EAGAIN { return ganrm_error_io }
        }
    }

    private func keep(_ bytes: UnsafeBufferPointer<UInt8>) {
        byteCount += Int64(bytes.count)
        if head.count < Self.keptCount { head += bytes.prefix(Self.keptCount - head.count) }
        tail += bytes
        if tail.count > 2 * Self.keptCount { tail.removeFirst(tail.count - Self.keptCount) }
    }

    /// Whether all bytes that the pipe has sent are kept.
    var isKeptWhole: Bool { byteCount <= tail.count }

    /// Bytes that the pipe has sent; none if they were not kept.
    func kept(at offset: Int64, count: Int) -> [UInt8] {
        let fromEnd = byteCount - offset
        if fromEnd <= tail.count { return Array(tail.suffix(Int(fromEnd)).prefix(count)) }
        guard offset < head.count, offset + Int64(count) <= head.count else { return [] }
        return Array(head[Int(offset)..<Int(offset) + count])
    }

    private func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
        if whence & ganrm_seek_size != 0 {
            var status = stat()
            return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : -1
        }
        return Int64(lseek(descriptor, off_t(offset), whence & 3))
    }
}
