import CFFmpeg

/// The media type and encoding of a thumbnail.
struct ThumbnailFormat {
    let mediaType: String
    let coding: FrameMuxer.Format

    /// WebM, which browsers have long supported and which builds of FFmpeg need not omit for
    /// patents. About 20 kB for 8 frames of 160 × 90.
    static var webM: ThumbnailFormat {
        ThumbnailFormat(
            mediaType: "video/webm",
            coding: .init(
                container: "webm", encoders: ["libvpx", "libvpx-vp9"],
                pixelFormat: AV_PIX_FMT_YUV420P, bitRate: 100_000,
                options: [("crf", "20"), ("deadline", "good"), ("cpu-used", "4")]))
    }

    /// JPEG, about 5 kB.
    static var jpeg: ThumbnailFormat {
        ThumbnailFormat(
            mediaType: "image/jpeg",
            coding: .init(
                container: "mjpeg", encoders: ["mjpeg"], pixelFormat: AV_PIX_FMT_YUVJ420P))
    }
}
