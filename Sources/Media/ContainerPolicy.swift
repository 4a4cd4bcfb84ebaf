/// Which of FFmpeg's demuxers strangers' files may reach.
///
/// FFmpeg 5.1 has some 350 demuxers: game archives, subtitles, text art, playlists. What a probe takes
/// a file for is a guess that the file's author controls, so only formats that people keep pictures in
/// are opened unasked; a format named by the user opens too.
enum ContainerPolicy {
    /// What becomes of an input whose demuxer has this name.
    enum Verdict {
        case allowed
        /// Opens further files or addresses.
        case nested
        /// Known to hold sound only.
        case audio
        /// Not read unless the user names it.
        case unexpected
    }

    /// - Parameter name: As in `AVInputFormat.name`: one name, or several with commas.
    static func verdict(on name: String) -> Verdict {
        let names = name.split(separator: ",").map(String.init)
        if names.contains(where: nested.contains) { return .nested }
        if names.contains(where: videos.contains) { return .allowed }
        if name.hasSuffix("_pipe") && name != "svg_pipe" { return .allowed }
        if names.contains(where: audio.contains) { return .audio }
        return .unexpected
    }

    /// Formats whose file may turn out to be a single picture: a second frame decides.
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
