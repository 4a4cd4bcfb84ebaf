import CFFmpeg
import Frames

/// Counts a file's video packets and reads their times without decoding; usually they are those of
/// its frames.
enum PacketTimeline {
    /// - Returns: The packets that should decode to a frame; nil if there are none.
    static func read(
        _ source: InputSource, options: MediaOptions
    ) throws(MediaError) -> FrameTimeline? {
        let demuxer = try Demuxer(source, options: options)
        var times: [Double?] = []
        while true {
            let reading = demuxer.read { packet in
                let isShown = packet.pointee.flags & AV_PKT_FLAG_DISCARD == 0
                guard isShown && packet.pointee.size > 0 && !demuxer.isHeader(packet) else {
                    return
                }
                let (pts, dts) = (packet.pointee.pts, packet.pointee.dts)
                let ticks = pts == ganrm_no_pts ? dts : pts
                times.append(ticks == ganrm_no_pts ? nil : demuxer.seconds(ticks))
            }
            switch reading {
            case .packet: continue
            case .end: break
            case .failure(let code):
                if code == ganrm_error_exit { throw demuxer.failure(code, framesRead: 0) }
            }
            return times.isEmpty
                ? nil : FrameTimeline(times: shown(times, frameRate: demuxer.frameRate))
        }
    }

    /// The times at which frames are shown, from those of their packets in decoding order, as
    /// `FrameClock` gives them to decoded frames.
    private static func shown(_ times: [Double?], frameRate: Double?) -> [Double?] {
        var clock = FrameClock(frameRate: frameRate)
        var result: [Double?] = []
        var part: [Double] = []
        func flush() {
            for seconds in part.sorted() {
                result.append(
                    clock.time(index: result.count, seconds: seconds, duration: nil).ptsSeconds)
            }
            part = []
        }
        for time in times {
            guard let time else {
                // Without timestamps of its own a frame follows the one before.
                flush()
                result.append(
                    clock.time(index: result.count, seconds: nil, duration: nil).ptsSeconds)
                continue
            }
            // Reordered frames are closer; joined recordings restart.
            if let last = part.last, time < last - 1 { flush() }
            part.append(time)
        }
        flush()
        return result
    }
}

extension Demuxer {
    /// Frame count from the file's index; nil if the format has no full index.
    var indexedFrameCount: Int? {
        let count = shownIndexEntries?.count ?? 0
        return count > 0 ? count : nil
    }

    /// Whether the file has an index whose times, in decoding order, are those of a variable frame
    /// rate.
    var hasVariableRate: Bool {
        guard let entries = shownIndexEntries else { return false }
        return FrameTimeline.varies(entries.map { seconds($0.timestamp) })
    }

    /// The index entries of shown, non-empty frames; nil if the format has no full index.
    private var shownIndexEntries: [AVIndexEntry]? {
        guard formatName == "avi" || formatName.hasPrefix("mov,") else { return nil }
        var entries: [AVIndexEntry] = []
        for i in 0..<avformat_index_get_entries_count(stream) {
            guard let entry = avformat_index_get_entry(stream, i)?.pointee else { return nil }
            if entry.flags & AVINDEX_DISCARD_FRAME == 0 && entry.size > 0 { entries.append(entry) }
        }
        return entries
    }
}
