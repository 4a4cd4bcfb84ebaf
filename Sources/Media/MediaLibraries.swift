import CFFmpeg

/// Which of FFmpeg's libraries decode and convert: other versions may give other pixels.
public enum MediaLibraries {
    /// E.g. `avcodec 59.37, avformat 59.27, swscale 6.7`.
    public static let version: String = [
        ("avcodec", avcodec_version()), ("avformat", avformat_version()),
        ("swscale", swscale_version()),
    ].map { "\($0) \($1 >> 16).\($1 >> 8 & 0xff)" }.joined(separator: ", ")
}
