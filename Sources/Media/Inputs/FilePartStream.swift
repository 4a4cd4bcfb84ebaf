import CFFmpeg
import Glibc

/// A part of a file as a libav byte stream, in which libav can seek as in a file. Owns its
/// `AVIOContext`.
final class FilePartStream {
    private let part: FilePart
    /// Borrowed.
    private let watchdog: InterruptHandler
    private var position = 0
    let context: UnsafeMutablePointer<AVIOContext>

    /// The size of libav's buffer for files.
    private static let bufferSize = 1 << 15

    /// - Returns: Nil if there is not enough memory.
    init?(_ part: FilePart, watchdog: InterruptHandler) {
        self.part = part
        self.watchdog = watchdog
        guard let buffer = av_malloc(Self.bufferSize) else { return nil }
        guard
            let context = avio_alloc_context(
                buffer.assumingMemoryBound(to: UInt8.self), Int32(Self.bufferSize), 0, nil,
                { opaque, bytes, count in
                    guard let opaque, let bytes else { return ganrm_error_io }
                    return Unmanaged<FilePartStream>.fromOpaque(opaque).takeUnretainedValue()
                        .read(UnsafeMutableRawBufferPointer(start: bytes, count: Int(count)))
                }, nil,
                { opaque, offset, whence in
                    guard let opaque else { return -1 }
                    return Unmanaged<FilePartStream>.fromOpaque(opaque).takeUnretainedValue()
                        .seek(offset, whence)
                })
        else {
            av_free(buffer)
            return nil
        }
        self.context = context
        context.pointee.opaque = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        av_freep(&context.pointee.buffer)
        var context: UnsafeMutablePointer<AVIOContext>? = context
        avio_context_free(&context)
    }

    private func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int32 {
        if watchdog.shouldInterrupt { return ganrm_error_exit }
        let count = part.read(into: buffer, at: position)
        if count == 0 { return ganrm_error_eof }
        guard count > 0 else { return ganrm_error_io }
        position += count
        return Int32(count)
    }

    private func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
        if whence & ganrm_seek_size != 0 { return Int64(part.byteCount) }
        let origin: Int64
        switch whence & 3 {
        case SEEK_CUR: origin = Int64(position)
        case SEEK_END: origin = Int64(part.byteCount)
        default: origin = 0
        }
        let (target, overflows) = origin.addingReportingOverflow(offset)
        guard !overflows, target >= 0 else { return -Int64(EINVAL) }
        position = Int(target)
        return target
    }
}
