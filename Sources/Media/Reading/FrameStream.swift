import CFFmpeg
import Frames

/// A demuxer and a decoder: the decoded frames of one input, in presentation order.
final class FrameStream: FrameSource {
    let demuxer: Demuxer
    let decoder: VideoDecoder
    /// The reason why frames are missing or damaged; nil if there are none.
    private(set) var truncation: String?
    /// Frames decoded so far.
    private(set) var frameCount = 0

    /// Number of decoding threads.
    let threadCount: Int

    private var clock: FrameClock
    private let mayBeStill: Bool
    private var isDraining = false
    private var consecutiveFailures = 0
    private var isEncrypted = false
    /// The decoder's first report that it does not support the video.
    private var unsupported: MediaError?
    private var packetCount = 0
    /// Damage before the first frame of an input that may start anywhere; it is no truncation.
    private var damageBeforeStart: String?
    /// Whether a frame without damage was decoded.
    private var hasStarted = false

    /// - Parameter bytes: The source's bytes, if they are open.
    init(
        _ source: InputSource, options: MediaOptions, bytes: ByteStream? = nil
    ) throws(MediaError) {
        demuxer = try Demuxer(source, options: options, bytes: bytes)
        mayBeStill = DemuxerPolicy.mayBeStill(
            demuxer.formatName, majorBrand: demuxer.majorBrand)
        threadCount = mayBeStill ? 1 : options.threadCount ?? (demuxer.isSmall ? 1 : 2)
        decoder = try VideoDecoder(for: demuxer, threadCount: threadCount)
        clock = FrameClock(frameRate: demuxer.frameRate)
    }

    /// Decodes the next frame; nil at the end, which is an error if there was no frame.
    func next(into output: borrowing UniqueAVFrame) throws(MediaError) -> FrameTime? {
        while true {
            let code = decoder.receive(into: output)
            if code >= 0 {
                consecutiveFailures = 0
                return try accept(output)
            }
            if code == ganrm_error_eof { return try end() }
            if code != ganrm_error_again {
                try note(code)
                consecutiveFailures += 1
                if consecutiveFailures > 1000 { return try end() }
                continue
            }
            if isDraining { return try end() }
            try feed()
        }
    }

    func orientation(of frame: UnsafeMutablePointer<AVFrame>) -> Orientation {
        Orientation(displayMatrix: ganrm_display_matrix(frame, demuxer.stream))
    }

    private func feed() throws(MediaError) {
        var sent: Int32 = 0
        var isCorrupt = false
        var isFrame = false
        let reading = demuxer.read { packet in
            if av_packet_get_side_data(packet, AV_PKT_DATA_ENCRYPTION_INFO, nil) != nil {
                isEncrypted = true
            }
            // An empty packet repeats a frame; a decoder would take it for the end of the stream.
            isFrame = packet.pointee.size > 0 && !demuxer.isHeader(packet)
            guard isFrame else { return }
            isCorrupt = packet.pointee.flags & AV_PKT_FLAG_CORRUPT != 0
            sent = decoder.send(packet)
        }
        if isEncrypted { throw .encrypted(input: demuxer.input) }
        switch reading {
        case .packet:
            guard isFrame else { return }
            packetCount += 1
            // In a transport stream the flag marks a gap in the packets' counters, which joined
            // recordings have without damage; the decoder detects frames with missing packets.
            if isCorrupt && demuxer.formatName != "mpegts" {
                truncation = truncation ?? "packet \(packetCount - 1) is cut off"
            }
            if sent < 0 && sent != ganrm_error_again { try note(sent) }
        case .failure(let code):
            if !demuxer.isBehindTrailer { try note(code) }
            drain()
        case .end:
            drain()
        }
    }

    private func drain() {
        isDraining = true
        _ = decoder.send(nil)
    }

    /// Records damage after which decoding can continue, and throws any other error.
    private func note(_ code: Int32) throws(MediaError) {
        let error = demuxer.failure(code, framesRead: frameCount, log: decoder.firstError)
        switch error {
        case .damaged(_, _, let reason):
            noteDamage(reason)
        case .undecodable(_, let reason) where !mayBeStill:
            // Damage may look like it: only without any frame it is the reason.
            unsupported = unsupported ?? error
            noteDamage(reason)
        case .timedOut where frameCount > 0, .indexAtEnd where frameCount > 0,
            .indexMissing where frameCount > 0:
            truncation = truncation ?? error.description
        case .interrupted where frameCount > 0 && demuxer.isLive:
            // An interruption is the regular end of a live stream.
            truncation = truncation ?? error.description
        default:
            throw error
        }
    }

    private func noteDamage(_ reason: String) {
        if hasStarted || mayBeStill || !demuxer.startsAnywhere {
            truncation = truncation ?? reason
        } else {
            damageBeforeStart = damageBeforeStart ?? reason
        }
    }

    private func accept(_ output: borrowing UniqueAVFrame) throws(MediaError) -> FrameTime {
        let index = frameCount
        frameCount += 1
        let (time, isDamaged) = output.withFrame { frame in
            frame.pointee.sample_aspect_ratio = demuxer.pixelAspect(of: frame)
            let timestamp = frame.pointee.best_effort_timestamp
            let duration = ganrm_frame_duration(frame)
            let time = clock.time(
                index: index, seconds: timestamp == ganrm_no_pts ? nil : demuxer.seconds(timestamp),
                duration: duration > 0 ? demuxer.seconds(duration) : nil)
            let isDamaged =
                frame.pointee.decode_error_flags != 0
                || frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
            return (time, isDamaged)
        }
        if isDamaged {
            noteDamage("frame \(index) is damaged")
        } else if mayBeStill, let reason = LibavLog.firstError() {
            truncation = truncation ?? reason
        }
        if !isDamaged { hasStarted = true }
        if let limit = demuxer.options.durationLimit, let seconds = time.ptsSeconds, seconds > limit
        {
            throw .tooLong(input: demuxer.input, seconds: seconds, limit: limit)
        }
        return time
    }

    private func end() throws(MediaError) -> FrameTime? {
        if truncation != nil || frameCount == 0 { try demuxer.checkMovie() }
        if frameCount > 0 {
            // If no frame is whole, damage at the start is damage of the input.
            truncation =
                truncation ?? (hasStarted ? nil : damageBeforeStart)
                ?? demuxer.truncationReason(packetCount: packetCount)
            return nil
        }
        let reason = truncation ?? damageBeforeStart ?? decoder.firstError ?? LibavLog.firstError()
        if decoder.codecName == "webp", reason == "image data not found" {
            throw .unsupportedAnimation(input: demuxer.input, format: "WebP")
        }
        if let unsupported { throw unsupported }
        throw .damaged(
            input: demuxer.input, framesRead: 0, reason: reason ?? "it ends before its first frame")
    }
}

extension Demuxer {
    /// Whether the file has so few pixels in total (at most 2²⁴, 102 frames of 512 × 320) that a
    /// second decoding thread, with its own buffers, costs more than it gains.
    fileprivate var isSmall: Bool {
        guard let count = indexedFrameCount else { return false }
        let parameters = stream.pointee.codecpar.pointee
        return count <= (1 << 24) / max(Int(parameters.width) * Int(parameters.height), 1)
    }
}
