public import Files
public import Frames

/// An error in reading frames or clips from an input. `input` is the path as the user wrote it, `-`
/// for standard input.
public enum MediaError: Error, Hashable, Sendable {
    case notFound(input: String)
    case file(FileError)
    /// FFmpeg cannot open the input, such as a URL.
    case unreadable(input: String, reason: String)
    case folder(input: String)
    case folderWithoutMedia(input: String)
    case nothingMatches(input: String)
    case empty(input: String)
    case notMedia(input: String, looksLike: String?)
    /// Something that is neither a video nor an image, or not all of one.
    case other(input: String, content: OtherContent)
    case noVideoStream(input: String)
    case onlyCoverArt(input: String)
    case nestedInput(input: String, format: String)
    case schemeRefused(input: String, scheme: String)
    case schemeUnknown(input: String, scheme: String)
    case unknownFormat(input: String, format: String)
    case rawVideoNeedsSize(input: String)
    case invalidOption(input: String, reason: String)
    case unsupportedCodec(input: String, codec: String)
    /// An animation in a format of which FFmpeg reads single images only.
    case unsupportedAnimation(input: String, format: String)
    /// A file of a known format in a form that cannot be read.
    case unsupportedVariant(input: String, format: String, variant: String)
    /// A file in a form that its decoder does not support, in libav's words.
    case undecodable(input: String, reason: String)
    case encrypted(input: String)
    case tooManyPixels(input: String, width: Int, height: Int, limit: Int)
    case tooLong(input: String, seconds: Double, limit: Double)
    case damaged(input: String, framesRead: Int, reason: String)
    /// A movie in a pipe, with its index after its frames.
    case indexAtEnd(input: String)
    /// A movie without an index, probably truncated.
    case indexMissing(input: String)
    case timedOut(input: String, seconds: Double)
    case interrupted(input: String)
    case pattern(graph: String, reason: String)
    case filtering(input: String, reason: String)
    /// A region that exceeds the frames of its input.
    case regionOutsideFrame(input: String, width: Int, height: Int)
    case outOfMemory(input: String)
    /// A thumbnail that cannot be made; the input may be fine.
    case thumbnail(reason: String)
    /// An error in converting a frame.
    case frame(FrameError)
}

extension MediaError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notFound(let input):
            "'\(input)' does not exist; check the path"
        case .file(let error):
            error.description
        case .unreadable(let input, let reason):
            "cannot read '\(input)': \(reason)"
        case .folder(let input):
            "'\(input)' is a folder where one file is expected"
        case .folderWithoutMedia(let input):
            """
            '\(input)' holds no file with the extension of a video or an image; \
            name other files one by one
            """
        case .nothingMatches(let input):
            "no file matches '\(input)'; quote patterns and check the folder"
        case .empty(let input):
            input == "-"
                ? "standard input ended before its first byte; did the writing program fail?"
                : "'\(input)' is empty (0 bytes); write or fetch it again"
        case .notMedia(let input, let looksLike):
            if let looksLike {
                """
                '\(input)' is not a video or an image that is read by default, it looks like \
                \(looksLike); name its format if it is one
                """
            } else {
                "'\(input)' is not a video or an image; name its format if it has no header"
            }
        case .other(let input, let content):
            "'\(input)' is \(content.name); \(content.remedy)"
        case .noVideoStream(let input):
            "'\(input)' has no video stream; is it an audio file?"
        case .onlyCoverArt(let input):
            "'\(input)' is audio with a cover image, not a video; extract the image to score it"
        case .nestedInput(let input, let format):
            """
            '\(input)' is of the kind '\(format)', which opens further files or URLs; allow nested \
            inputs if you trust it
            """
        case .schemeRefused(let input, let scheme):
            """
            '\(input)' uses '\(scheme)', which may open further files or URLs; allow nested inputs if \
            you trust it
            """
        case .schemeUnknown(let input, let scheme):
            """
            '\(input)' uses '\(scheme)', which this FFmpeg cannot read as a stream of bytes; pipe it: \
            ffmpeg -nostdin -i '\(input)' -c copy -f nut - | ganrm score -
            """
        case .unknownFormat(let input, let format):
            "'\(format)', named as the format of '\(input)', is unknown; `ffmpeg -demuxers` lists them"
        case .rawVideoNeedsSize(let input):
            """
            '\(input)' is raw video, which has no header; give its width, height, pixel format and \
            frame rate
            """
        case .invalidOption(let input, let reason):
            "'\(input)' cannot be opened with these options: \(reason)"
        case .unsupportedCodec(let input, let codec):
            "'\(input)' is coded as '\(codec)', which this FFmpeg cannot decode; convert it to H.264"
        case .unsupportedAnimation(let input, let format):
            """
            '\(input)' is an animated \(format), which this FFmpeg cannot decode; convert it to mp4, \
            gif or animated png
            """
        case .unsupportedVariant(let input, let format, let variant):
            "'\(input)' is \(format) with \(variant), which is not read; convert it to PNG"
        case .undecodable(let input, let reason):
            """
            '\(input)' is of a kind that this FFmpeg does not decode: \(reason); convert it to PNG \
            or H.264
            """
        case .encrypted(let input):
            "'\(input)' is encrypted (DRM or a key); decrypt it first"
        case .tooManyPixels(let input, let width, let height, let limit):
            """
            '\(input)' has frames of \(width)×\(height), above the limit of \(limit) pixels; shrink it \
            or raise the limit
            """
        case .tooLong(let input, let seconds, let limit):
            "'\(input)' lasts \(seconds) s, above the limit of \(limit) s; cut it or raise the limit"
        case .damaged(let input, let framesRead, let reason):
            framesRead == 0
                ? "'\(input)' is damaged, no frame can be decoded: \(reason); write or fetch it again"
                : "'\(input)' is damaged after \(framesRead) frames: \(reason); write or fetch it again"
        case .indexAtEnd(let input):
            """
            '\(input)' keeps its index behind its frames, which a pipe cannot reach; write it with \
            `-movflags +faststart` or as `-f nut`
            """
        case .indexMissing(let input):
            "'\(input)' has no index, so it was cut off while written or fetched; do that again"
        case .timedOut(let input, let seconds):
            "'\(input)' sent nothing for \(seconds) s; try again or raise the time-out"
        case .interrupted(let input):
            "reading '\(input)' was interrupted"
        case .pattern(let graph, let reason):
            "this FFmpeg cannot make the test pattern '\(graph)': \(reason)"
        case .filtering(let input, let reason):
            "the frames of '\(input)' cannot be filtered as asked for: \(reason)"
        case .regionOutsideFrame(let input, let width, let height):
            "'\(input)' names a region outside its frames of \(width)×\(height); is the grid right?"
        case .outOfMemory(let input):
            "there is not enough memory to read '\(input)'"
        case .thumbnail(let reason):
            "no thumbnail can be made: \(reason)"
        case .frame(let error):
            error.description
        }
    }
}
