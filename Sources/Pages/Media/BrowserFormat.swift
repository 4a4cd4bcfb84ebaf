import Frames
import Media

/// The media type of a file that all current browsers can display without conversion.
struct BrowserFormat {
    let mediaType: String
    let pathExtension: String

    var isVideo: Bool { mediaType.hasPrefix("video/") }

    /// - Returns: Nil if some browser cannot display the file; pages then show a thumbnail.
    init?(_ info: MediaInfo) {
        switch (info.formatName, info.codecName) {
        case ("mov,mp4,m4a,3gp,3g2,mj2", "av1") where info.kind == .image:
            self.init(mediaType: "image/avif", pathExtension: "avif")
        case ("mov,mp4,m4a,3gp,3g2,mj2", "h264"), ("mov,mp4,m4a,3gp,3g2,mj2", "av1"),
            ("mov,mp4,m4a,3gp,3g2,mj2", "vp9"):
            self.init(mediaType: "video/mp4", pathExtension: "mp4")
        // A Matroska file with one of these codecs is a valid WebM file.
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
