import Frames
import Media

/// Metadata of a file that trainers' loaders check.
struct ClipMetadata: Sendable, Hashable {
    let kind: MediaKind
    /// Pixels per row, after rotation; for a region, its own width.
    let width: Int
    let height: Int
    /// Decodable frames. decord counts packets: never fewer, more if an edit list hides some.
    let frameCount: Int
    /// Average frames per second; 0 for images.
    let frameRate: Double
    /// 0 for images.
    let durationSeconds: Double

    /// Decodes the whole file; refuses a damaged one, on which loaders fail or misbehave.
    init(decoding path: String, options: MediaOptions) throws(MediaError) {
        let reader = try MediaReader(.path(path), options: options)
        var count = 0
        var end = 0.0
        while let time = try reader.advance() {
            count += 1
            end = max(end, (time.ptsSeconds ?? 0) + (time.durationSeconds ?? 0))
        }
        if let reason = reader.truncation {
            throw .damaged(input: path, framesRead: count, reason: reason)
        }
        let info = reader.info
        kind = info.kind
        width = info.width
        height = info.height
        frameCount = count
        let seconds = info.durationSeconds ?? end
        frameRate = info.frameRate ?? (seconds > 0 ? Double(count) / seconds : 0)
        durationSeconds = info.kind == .image ? 0 : seconds
    }
}
