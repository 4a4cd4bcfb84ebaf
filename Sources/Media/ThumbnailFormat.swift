import CFFmpeg

/// What thumbnails are encoded as.
struct ThumbnailFormat {
    let mediaType: String
    let coding: FrameMuxer.Format

    /// Browsers have played it for ten years, and no patents keep it out of builds of FFmpeg. About
    /// 20 kB for 8 frames of 160 × 90.
    static var webM: ThumbnailFormat {
        ThumbnailFormat(
            mediaType: "video/webm",
            coding: .init(
                container: "webm", encoders: ["libvpx", "libvpx-vp9"],
                pixelFormat: AV_PIX_FMT_YUV420P, bitRate: 100_000,
                options: [("crf", "20"), ("deadline", "good"), ("cpu-used", "4")]))
    }

    /// About 5 kB.
    static var jpeg: ThumbnailFormat {
        ThumbnailFormat(
            mediaType: "image/jpeg",
            coding: .init(
                container: "mjpeg", encoders: ["mjpeg"], pixelFormat: AV_PIX_FMT_YUVJ420P))
    }
}
