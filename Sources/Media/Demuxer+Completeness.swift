import CFFmpeg

extension Demuxer {
    /// Signs that an input was cut off although libav calls its end an end; nil if there are none.
    ///
    /// Transport streams, Ogg and ASF have no length to be compared with: a cut between two packets
    /// cannot be seen there.
    func missingAtEnd(packetCount: Int) -> String? {
        if let message = LibavLog.firstError(), message.contains("ended prematurely") {
            return "the file ended prematurely"
        }
        if let bytes, let packetEnd {
            let rest = avio_tell(bytes.context) - packetEnd
            // A GIF ends with one byte of its own.
            if formatName == "gif" && rest > 1 || formatName == "yuv4mpegpipe" && rest > 0 {
                return "the last frame is incomplete"
            }
        }
        guard let promised = promisedPacketCount, packetCount < promised else { return nil }
        return "\(packetCount) of \(promised) frames are there"
    }

    /// Packets that the stream must have by the index of a movie or the header of an AVI.
    private var promisedPacketCount: Int? {
        if formatName.hasPrefix("mov,") { return Int(avformat_index_get_entries_count(stream)) }
        guard formatName == "avi" else { return nil }
        // Writers round this number up by a frame or two.
        let promised = Int(stream.pointee.nb_frames)
        return promised - 2 - promised / 20
    }
}
