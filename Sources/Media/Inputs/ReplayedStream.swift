import CFFmpeg

/// A byte stream that begins with bytes which were read from another stream, and goes on with that
/// stream. Owns its `AVIOContext`.
final class ReplayedStream {
    let context: UnsafeMutablePointer<AVIOContext>
    private var bytes: [UInt8]
    /// Number of bytes that were read again.
    private var position = 0
    /// Borrowed.
    private let rest: UnsafeMutablePointer<AVIOContext>

    /// - Returns: Nil if there is not enough memory.
    init?(_ bytes: [UInt8], before rest: UnsafeMutablePointer<AVIOContext>) {
        self.bytes = bytes
        self.rest = rest
        let size = 1 << 16
        guard let buffer = av_malloc(size),
            let context = avio_alloc_context(
                buffer.assumingMemoryBound(to: UInt8.self), Int32(size), 0, nil,
                { opaque, target, count in
                    guard let opaque, let target else { return ganrm_error_io }
                    return Unmanaged<ReplayedStream>.fromOpaque(opaque).takeUnretainedValue()
                        .read(into: target, count: Int(count))
                }, nil, nil)
        else { return nil }
        self.context = context
        context.pointee.opaque = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        av_freep(&context.pointee.buffer)
        var context: UnsafeMutablePointer<AVIOContext>? = context
        avio_context_free(&context)
    }

    private func read(into target: UnsafeMutablePointer<UInt8>, count: Int) -> Int32 {
        guard position < bytes.count else {
            bytes = []
            position = 0
            let code = avio_read_partial(rest, target, Int32(count))
            return code == 0 ? ganrm_error_eof : code
        }
        let size = min(count, bytes.count - position)
        bytes.withUnsafeBufferPointer { bytes in
            target.update(from: bytes.baseAddress! + position, count: size)
        }
        position += size
        return Int32(size)
    }
}
