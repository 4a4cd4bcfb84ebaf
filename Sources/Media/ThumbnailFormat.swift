import CFFmpeg

/// What thumbnails are encoded as.
struct ThumbnailFormat: Sendable {
    let mediaType: String
    /// FFmpeg's name of the container.
    let container: String
    /// Encoders that will do; the first that FFmpeg was built with is used.
    let encoders: [String]
    let pixelFormat: AVPixelFormat
    /// In bits per second; 0: the encoder's own choice.
    let bitRate: Int64
    /// The encoder's private options.
    let options: [(name: String, value: String)]

    /// Browsers have played it for ten years, and no patents keep it out of builds of FFmpeg. About
    /// 20 kB for 8 frames of 160 × 90.
    static let webM = ThumbnailFormat(
        mediaType: "video/webm", container: "webm", encoders: ["libvpx", "libvpx-vp9"],
        pixelFormat: AV_PIX_FMT_YUV420P, bitRate: 100_000,
        options: [("crf", "20"), ("deadline", "good"), ("cpu-used", "4")])

    /// About 5 kB.
    static let jpeg = ThumbnailFormat(
        mediaType: "image/jpeg", container: "mjpeg", encoders: ["mjpeg"],
        pixelFormat: AV_PIX_FMT_YUVJ420P, bitRate: 0, options: [])
}
