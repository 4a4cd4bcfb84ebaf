import CFFmpeg

extension Demuxer {
    /// How an input is truncated although libav reported a regular end; nil if it seems complete.
    ///
    /// Transport streams, Ogg and ASF declare no length: truncation between two packets cannot be
    /// detected there.
    func truncationReason(packetCount: Int) -> String? {
        if let message = LibavLog.firstError(), message.contains("ended prematurely") {
            return "the file ended prematurely"
        }
        if let bytes = container.bytes, let packetEnd {
            let rest = avio_tell(bytes.context) - packetEnd
            // A GIF ends with a trailer byte.
            if formatName == "gif" && rest > 1 || formatName == "yuv4mpegpipe" && rest > 0 {
                return "the last frame is incomplete"
            }
        }
        guard let declared = declaredPacketCount, packetCount < declared else { return nil }
        return "\(packetCount) of \(declared) frames are there"
    }

    /// Number of packets that the index of a movie or the header of an AVI declares.
    private var declaredPacketCount: Int? {
        if formatName.hasPrefix("mov,") { return Int(avformat_index_get_entries_count(stream)) }
        guard formatName == "avi" else { return nil }
        // Muxers declare a frame or two too many.
        let declared = Int(stream.pointee.nb_frames)
        return declared - 2 - declared / 20
    }
}
