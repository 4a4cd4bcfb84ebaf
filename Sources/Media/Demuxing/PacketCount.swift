import CFFmpeg
import Glibc

/// Counts a file's video packets without decoding; usually this is the number of its frames.
enum PacketCount {
    /// - Returns: Number of packets that should decode to a frame; nil if there are none.
    static func count(_ source: InputSource, options: MediaOptions) throws(MediaError) -> Int? {
        let demuxer = try Demuxer(source, options: options)
        var count = 0
        while true {
            let reading = demuxer.read { packet in
                let isShown = packet.pointee.flags & AV_PKT_FLAG_DISCARD == 0
                if isShown && packet.pointee.size > 0 { count += 1 }
            }
            switch reading {
            case .packet: continue
            case .end: return count > 0 ? count : nil
            case .failure(let code):
                if code == ganrm_error_exit { throw demuxer.failure(code, framesRead: 0) }
                return count > 0 ? count : nil
            }
        }
    }
}

extension Demuxer {
    /// Frame count from the file's index; nil if the format has no full index.
    var indexedFrameCount: Int? {
        guard formatName == "avi" || formatName.hasPrefix("mov,") else { return nil }
        let stream = stream
        var count = 0
        for i in 0..<avformat_index_get_entries_count(stream) {
            guard let entry = avformat_index_get_entry(stream, i) else { return nil }
            if entry.pointee.flags & AVINDEX_DISCARD_FRAME == 0 && entry.pointee.size > 0 {
                count += 1
            }
        }
        return count > 0 ? count : nil
    }
}
