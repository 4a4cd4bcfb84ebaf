import Frames
import Media

/// What a file is to a browser, if it is one that today's browsers show.
struct BrowserFormat {
    let mediaType: String
    let pathExtension: String

    var isVideo: Bool { mediaType.hasPrefix("video/") }

    /// Nil for what some browser does not play: it is shown as a small copy.
    init?(_ info: MediaInfo) {
        switch (info.formatName, info.codecName) {
        case ("mov,mp4,m4a,3gp,3g2,mj2", "av1") where info.kind == .image:
            self.init(mediaType: "image/avif", pathExtension: "avif")
        case ("mov,mp4,m4a,3gp,3g2,mj2", "h264"), ("mov,mp4,m4a,3gp,3g2,mj2", "av1"),
            ("mov,mp4,m4a,3gp,3g2,mj2", "vp9"):
            self.init(mediaType: "video/mp4", pathExtension: "mp4")
        // Matroska files of these codecs are WebM but for their name.
        case ("matroska,webm", "vp8"), ("matroska,webm", "vp9"), ("matroska,webm", "av1"):
            self.init(mediaType: "video/webm", pathExtension: "webm")
        case ("gif", _): self.init(mediaType: "image/gif", pathExtension: "gif")
        case ("apng", _), ("png_pipe", _): self.init(mediaType: "image/png", pathExtension: "png")
        case ("jpeg_pipe", _): self.init(mediaType: "image/jpeg", pathExtension: "jpg")
        case ("webp_pipe", _), ("webp_anim", _):
            self.init(mediaType: "image/webp", pathExtension: "webp")
        default: return nil
        }
    }

    private init(mediaType: String, pathExtension: String) {
        self.mediaType = mediaType
        self.pathExtension = pathExtension
    }
}
