import Frames

/// Requirements of a trainer's loader. Most loaders do not report a sample that violates them: they
/// drop it or substitute another one.
struct ExportRules: Sendable {
    var kinds: Set<MediaKind> = [.image, .video]
    /// Accepted extensions of video files, lower case.
    var videoExtensions = Self.decord
    /// Accepted extensions of image files, lower case.
    var imageExtensions = Self.pillow
    /// Minimum frames of a video.
    var minFrames = 1
    /// Minimum duration of a video.
    var minSeconds = 0.0
    /// Frames per second that a video has to exceed.
    var minRate = 0.0
    var caption = CaptionRule.any
    /// Folder of the files in the data set. Nil selects `videos` or `images`, by kind.
    var folder: String?
    /// Prefix of each file name.
    var namePrefix = ""
    /// Whether lists may refer to files outside the data set, by absolute path.
    var takesReferences = true

    var layout = Layout.oneFolder

    /// Where a data set stores its files.
    enum Layout {
        case oneFolder
        /// `w/` and `l/`, with the same number for both files of a pair.
        case folderPerSide
        /// Inside the archives that list them.
        case archive
    }

    /// Extensions that decord 0.6.0 opens and counts correctly: it refuses GIF and misses the last
    /// frames of transport streams.
    static let decord: Set = ["mp4", "m4v", "mov", "avi", "mkv", "webm"]
    static let pillow: Set = ["jpg", "jpeg", "png", "webp", "bmp"]

    func extensions(of kind: MediaKind) -> Set<String> {
        switch kind {
        case .image: imageExtensions
        case .video: videoExtensions
        }
    }

    /// Why a trainer cannot use a file, as the predicate of a sentence about it; nil if it can.
    func objection(to facts: ClipMetadata, extension: String, _ options: ExportOptions) -> String? {
        let kind = facts.kind
        guard kinds.contains(kind) else {
            return kind == .image
                ? "is an image; the trainer takes videos" : "is a video; the trainer takes images"
        }
        guard extensions(of: kind).contains(`extension`) else {
            let known = extensions(of: kind).sorted().map { ".\($0)" }.joined(separator: " ")
            return "does not end in one of \(known), which the trainer's loader reads; convert it"
        }
        guard kind == .video else { return nil }
        let minFrames = options.minFrames ?? minFrames
        if facts.frameCount < minFrames {
            return """
                has \(facts.frameCount) frame\(facts.frameCount == 1 ? "" : "s"), the trainer's loader \
                needs \(minFrames)
                """
        }
        let minSeconds = options.minSeconds ?? minSeconds
        if facts.durationSeconds < minSeconds {
            return """
                lasts \(decimal(facts.durationSeconds)) s, the trainer's loader drops what is shorter \
                than \(decimal(minSeconds)) s
                """
        }
        if facts.frameRate <= minRate {
            return """
                has \(decimal(facts.frameRate)) frames per second, the trainer's loader needs more \
                than \(decimal(minRate))
                """
        }
        return nil
    }

    private func decimal(_ number: Double) -> String {
        "\((number * 1000).rounded(.down) / 1000)"
    }
}
