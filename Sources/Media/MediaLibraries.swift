import CFFmpeg

/// Versions of FFmpeg's libraries; other versions may give other pixels.
public enum MediaLibraries {
    /// FFmpeg's release, e.g. `5.1.9-0+deb12u1`.
    public static let release = String(cString: av_version_info())
    /// Version of libavfilter, e.g. `avfilter 8.44`.
    public static let filterVersion =
        "avfilter \(avfilter_version() >> 16).\(avfilter_version() >> 8 & 0xff)"

    /// Versions of the libraries that decode and convert, and of how this target reads with them,
    /// e.g. `avcodec 59.37, avformat 59.27, swscale 6.7, reader 2`.
    public static let version: String =
        [
            ("avcodec", avcodec_version()), ("avformat", avformat_version()),
            ("swscale", swscale_version()),
        ].map { "\($0) \($1 >> 16).\($1 >> 8 & 0xff)" }.joined(separator: ", ")
        + ", reader \(revision)"

    /// Increased when inputs give other frames with the same libraries, so that embeddings from before
    /// are not used. 2: a still image file is one image, square pixels, sampling by time at a variable
    /// frame rate.
    static let revision = 2
}
