import CFFmpeg

extension Demuxer {
    /// How an input is truncated although libav reported a regular end; nil if it seems complete.
    ///
    /// Called once all packets are read; moves the position of the byte stream.
    ///
    /// - Parameter packetCount: Number of packets read, empty ones not counted.
    func truncationReason(packetCount: Int) -> String? {
        if let declared = sampleCount, packetCount < declared {
            return "\(packetCount) of \(declared) frames are there"
        }
        guard let bytes = container.bytes else { return nil }
        if let packetEnd, formatName == "yuv4mpegpipe", avio_tell(bytes.context) > packetEnd {
            return "the last frame is incomplete"
        }
        guard let stored = StoredBytes(bytes) else {
            return LibavLog.hasEndedPrematurely ? "the stream ended prematurely" : nil
        }
        if let end = ContainerEnd.offset(format: formatName, in: stored) {
            return end > stored.count
                ? "the file has \(stored.count) bytes, its contents reach to byte \(end)" : nil
        }
        if formatName == "mpegts", endsInsidePacket(stored) {
            return "the last transport packet is incomplete"
        }
        return LibavLog.hasEndedPrematurely ? "the file ended prematurely" : nil
    }

    /// Whether a failure to read means nothing: FFmpeg reads on behind the trailer of a GIF.
    ///
    /// Moves the position of the byte stream.
    var isBehindTrailer: Bool {
        guard formatName == "gif", let stored = container.bytes.flatMap(StoredBytes.init),
            let end = ContainerEnd.offset(format: formatName, in: stored), end <= stored.count
        else { return false }
        return stored.bytes(at: end - 1, count: 1) == [0x3B]
    }

    /// Looks for the cause of damage in the structure of a movie; does nothing for other formats.
    ///
    /// - Throws: `MediaError.encrypted`; `.other` for a part of a movie without frames.
    func checkMovie() throws(MediaError) {
        guard formatName.hasPrefix("mov,"), let bytes = container.bytes.flatMap(StoredBytes.init)
        else { return }
        if MovieBox.isEncrypted(bytes) { throw .encrypted(input: input) }
        if packetStart == nil, let content = OtherContent(movie: bytes) {
            throw .other(input: input, content: content)
        }
    }

    /// Number of samples in the sample table of a movie, without empty ones; nil for other formats.
    ///
    /// The number of chunks in the header of an AVI is not that of its frames: a muxer counts empty
    /// chunks, which stand for repeated frames.
    private var sampleCount: Int? {
        guard formatName.hasPrefix("mov,") else { return nil }
        return (0..<avformat_index_get_entries_count(stream)).count { index in
            avformat_index_get_entry(stream, index).map { $0.pointee.size > 0 } ?? false
        }
    }

    /// Whether a transport stream ends inside a packet. Its last packets are the reference, because
    /// a recording may begin inside a packet.
    private func endsInsidePacket(_ bytes: StoredBytes) -> Bool {
        let tail = bytes.bytes(at: max(0, bytes.count - 2048), count: 2048)
        for size in [188, 192, 204] where tail.count >= 4 * size {
            let start = (0..<size).first { start in
                stride(from: start, to: tail.count, by: size).allSatisfy { tail[$0] == 0x47 }
            }
            // A packet of 192 bytes begins with four bytes before the synchronization byte.
            if let start { return (tail.count - start + (size == 192 ? 4 : 0)) % size != 0 }
        }
        return false
    }
}
