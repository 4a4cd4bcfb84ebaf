import CFFmpeg
import Frames
import Glibc

/// Standard input as libav's byte stream. Waits with `poll`, so that an interruption ends the wait;
/// seeks only if a file was redirected (`< clip.mp4`).
final class StandardInputStream {
    private let watchdog: Watchdog
    private(set) var context: UnsafeMutablePointer<AVIOContext>?

    init(watchdog: Watchdog) throws(MediaError) {
        self.watchdog = watchdog
        let bufferSize = 1 << 16
        guard let buffer = av_malloc(bufferSize) else { throw .outOfMemory(input: "-") }
        var status = stat()
        let seeks = fstat(STDIN_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        context = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self), Int32(bufferSize), 0,
            Unmanaged.passUnretained(self).toOpaque(),
            { opaque, bytes, count in
                guard let opaque, let bytes else { return ganrm_error_io }
                return Unmanaged<StandardInputStream>.fromOpaque(opaque).takeUnretainedValue()
                    .read(into: bytes, count: Int(count))
            },
            nil,
            seeks ? { _, offset, whence in StandardInputStream.seek(offset, whence) } : nil)
        guard context != nil else {
            av_free(buffer)
            throw .outOfMemory(input: "-")
        }
    }

    deinit {
        guard context != nil else { return }
        av_freep(&context!.pointee.buffer)
        avio_context_free(&context)
    }

    private func read(into bytes: UnsafeMutablePointer<UInt8>, count: Int) -> Int32 {
        while true {
            if watchdog.barks { return ganrm_error_exit }
            var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            let ready = poll(&descriptor, 1, 100)
            if ready == 0 || (ready < 0 && errno == EINTR) { continue }
            let got = Glibc.read(STDIN_FILENO, bytes, count)
            if got > 0 { return Int32(got) }
            if got == 0 { return ganrm_error_eof }
            if errno != EINTR && errno != EAGAIN { return ganrm_error_io }
        }
    }

    private static func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
        if whence & ganrm_seek_size != 0 {
            var status = stat()
            return fstat(STDIN_FILENO, &status) == 0 ? Int64(status.st_size) : -1
        }
        return Int64(lseek(STDIN_FILENO, off_t(offset), whence & 3))
    }
}
