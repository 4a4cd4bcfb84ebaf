import Frames

/// What a trainer's loader takes. Where it is told to take less, it mostly does not say so: it drops the
/// sample or puts another in its place.
struct ExportRules: Sendable {
    var kinds: Set<MediaKind> = [.image, .video]
    /// Of names of videos, lower case.
    var videoExtensions = Self.decord
    /// Of names of images, lower case.
    var imageExtensions = Self.pillow
    /// Of videos.
    var minFrames = 1
    /// Of videos.
    var minSeconds = 0.0
    /// Frames per second that a video has to exceed.
    var minRate = 0.0
    var caption = CaptionRule.any
    /// Where files lie in the data set; nil: `videos` or `images`, whatever they are.
    var folder: String?
    /// Stands before each file's name.
    var namePrefix = ""
    /// Whether lists may name files outside the data set, by absolute paths.
    var takesReferences = true

    var layout = Layout.oneFolder

    /// Where a data set has its files.
    enum Layout {
        case oneFolder
        /// `w/` and `l/`, one number for both files of a pair.
        case folderPerSide
        /// Inside the lists.
        case archive
    }

    /// What decord 0.6.0 opens and counts right: GIF it refuses, the last frames of a transport stream it
    /// does not find.
    static let decord: Set = ["mp4", "m4v", "mov", "avi", "mkv", "webm"]
    static let pillow: Set = ["jpg", "jpeg", "png", "webp", "bmp"]

    func extensions(of kind: MediaKind) -> Set<String> {
        switch kind {
        case .image: imageExtensions
        case .video: videoExtensions
        }
    }

    /// Why a trainer cannot use a file, as the rest of a sentence that begins with its name.
    func objection(to facts: ClipFacts, extension: String, _ options: ExportOptions) -> String? {
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
