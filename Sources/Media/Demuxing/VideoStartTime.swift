import CFFmpeg
import Frames

/// The start time of an input's video stream, in the conventions of FFmpeg and of players.
public struct VideoStartTime: Sendable, Hashable {
    /// Timestamp of the first frame in the file, in seconds, as used by concat lists and mpv.
    public let firstFrameSeconds: Double
    /// Time of the first frame relative to the earliest timestamp of any stream, in seconds, as
    /// used by `ffmpeg -ss`.
    public let startOffsetSeconds: Double
    /// Whether FFmpeg can seek exactly by time. False for formats with discontinuous or missing
    /// timestamps, such as transport streams and raw H.264, where it estimates the position.
    public let isSeekable: Bool

    /// Opens a file or a URL and decodes its first frame.
    public init(of source: InputSource) throws(MediaError) {
        let (source, options) = source.resolved(MediaOptions())
        let stream = try FrameStream(source, options: options)
        let decoded = UniqueAVFrame()
        _ = try stream.next(into: decoded)
        let demuxer = stream.demuxer
        let timestamp = decoded.withFrame { $0.pointee.best_effort_timestamp }
        let first = timestamp == ganrm_no_pts ? 0 : demuxer.seconds(timestamp)
        let context = demuxer.container.context.pointee
        let (start, flags) = (context.start_time, context.iformat.pointee.flags)
        firstFrameSeconds = first
        startOffsetSeconds =
            start == ganrm_no_pts ? first : first - Double(start) / Double(AV_TIME_BASE)
        isSeekable = flags & (AVFMT_TS_DISCONT | AVFMT_NOTIMESTAMPS) == 0
    }
}
