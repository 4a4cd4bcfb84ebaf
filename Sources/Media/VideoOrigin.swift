import CFFmpeg
public import Frames

/// Where an input's first frame stands on the clocks that FFmpeg and players go by.
public struct VideoOrigin: Sendable, Hashable {
    /// The first frame's time stamp, in seconds, as the file has it: the clock of concat lists and of mpv.
    public let firstFrameSeconds: Double
    /// The first frame's time after the earliest time stamp of any stream, in seconds: the clock of
    /// `ffmpeg -ss`.
    public let delaySeconds: Double
    /// Whether FFmpeg finds frames by their times: not in formats whose time stamps may jump or are made up,
    /// as transport streams and bare H.264, where it guesses the place.
    public let isSeekable: Bool

    /// Opens a file or an address and decodes its first frame.
    public init(of source: InputSource) throws(MediaError) {
        let (source, options) = source.resolved(MediaOptions())
        let stream = try FrameStream(source, options: options)
        let picture = Picture()
        _ = try stream.next(into: picture)
        let demuxer = stream.demuxer
        let stamp = picture.withFrame { $0.pointee.best_effort_timestamp }
        let first = stamp == ganrm_no_pts ? 0 : demuxer.seconds(stamp)
        let (start, flags) =
            demuxer.context.map { ($0.pointee.start_time, $0.pointee.iformat.pointee.flags) }
            ?? (ganrm_no_pts, 0)
        firstFrameSeconds = first
        delaySeconds =
            start == ganrm_no_pts ? first : first - Double(start) / Double(AV_TIME_BASE)
        isSeekable = flags & (AVFMT_TS_DISCONT | AVFMT_NOTIMESTAMPS) == 0
    }
}
