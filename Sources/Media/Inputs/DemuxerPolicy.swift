/// The FFmpeg demuxers that may open untrusted files.
///
/// FFmpeg 5.1 has some 350 demuxers, among them game archives, subtitles, text art and playlists.
/// The author of a file controls which one probing selects, so by default only common video and
/// image formats are opened. A format that the user names is opened too.
enum DemuxerPolicy {
    /// The decision for one demuxer.
    enum Verdict {
        case allowed
        /// The demuxer opens further files or URLs.
        case nested
        /// An audio-only format.
        case audio
        /// Any other format: opened only if the user names it.
        case unexpected
    }

    /// - Parameter name: `AVInputFormat.name`: one name or a comma-separated list.
    static func verdict(on name: String) -> Verdict {
        let names = name.split(separator: ",").map(String.init)
        if names.contains(where: nested.contains) { return .nested }
        if names.contains(where: videos.contains) { return .allowed }
        if name.hasSuffix("_pipe") && name != "svg_pipe" { return .allowed }
        if names.contains(where: audio.contains) { return .audio }
        return .unexpected
    }

    /// Whether a file of this format may be a still image; it is one if it has no second frame.
    static func mayBeStill(_ name: String, majorBrand: String?) -> Bool {
        if name.hasSuffix("_pipe") || name == "gif" || name == "apng" || name == "image2" {
            return true
        }
        guard let majorBrand else { return false }
        return ["avif", "avis", "heic", "heix", "mif1", "msf1"].contains(majorBrand)
    }

    private static let nested = names(
        "hls dash concat imf sdp rtsp rtp sap webm_dash_manifest image2 lavfi")

    private static let videos = names(
        """
        mov mp4 matroska webm avi gif apng yuv4mpegpipe nut mpegts mpeg mpegvideo m4v flv live_flv asf \
        ogg mxf ivf obu av1 h261 h263 h264 hevc vvc vc1 mjpeg mjpeg_2000 mpjpeg dv dirac dnxhd \
        cavsvideo avs2 avs3 rm wtv gxf nsv image2pipe jpegxl_anim webp_anim
        """)

    private static let audio = names(
        """
        mp3 wav w64 flac aac ac3 eac3 aiff au caf amr amrnb amrwb ape tta wv mpc mpc8 dts dtshd truehd \
        mlp voc oma tak dsf
        """)

    private static func names(_ text: String) -> Set<String> {
        Set(text.split(separator: " ").map(String.init))
    }
}
