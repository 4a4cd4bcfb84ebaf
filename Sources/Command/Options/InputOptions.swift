import ArgumentParser
import Foundation
import Media
import Pipeline

/// Options that name inputs and describe formats that cannot be detected; names as in ffmpeg.
struct InputOptions: ParsableArguments {
    @Argument(
        help: """
            Videos, images, folders, tar archives of them, globs, %05d.png sequences, URLs, or - for \
            standard input.
            """,
        completion: .paths)
    var inputs: [String] = []

    @Option(
        help: """
            Read inputs from a file, one path or JSON object per line; - is standard input, where the \
            bytes of an input may follow its line.
            """,
        completion: .paths)
    var list: String?

    @Option(
        help: """
            Only every N-th input, starting with the I-th (I/N, 0 ≤ I < N); a tar archive is one input. \
            See ganrm merge.
            """)
    var shard: Shard?

    @Option(
        name: [.customShort("f"), .customLong("input-format")],
        help: "Container format, if it cannot be recognised (rawvideo, …).")
    var inputFormat: String?

    @Option(
        name: [.customShort("s"), .customLong("video-size")], help: "Size of raw video, as 512x320."
    )
    var videoSize: String?

    @Option(
        name: [.customLong("pix_fmt", withSingleDash: true), .customLong("pixel-format")],
        help: "Pixel format of raw video.")
    var pixelFormat: String?

    @Option(
        name: [.customShort("r"), .customLong("framerate")],
        help: "Frames per second of raw video or of an image sequence.")
    var frameRate: String?

    @Flag(help: "Open inputs that refer to other files or URLs (HLS, DASH, concat lists, …).")
    var allowNested = false

    @Option(help: "Largest frame, in pixels.")
    var pixelLimit: Int = MediaOptions().pixelLimit

    @Option(help: "Longest video, in seconds (default: no limit).")
    var durationLimit: Double?

    @Option(
        help: """
            End a stream that is silent for this many seconds (default: 30 for URLs, none for \
            pipes).
            """)
    var timeout: Double?

    @Flag(help: "Wait at the URL (srt, rtmp, tcp, http) for a sender to connect.")
    var listen = false

    /// Whether there is an input or a list of them.
    var hasInputs: Bool { !inputs.isEmpty || list != nil }

    /// - Throws: `ValidationError` if there is no input.
    func requireInputs() throws {
        guard hasInputs else {
            throw ValidationError("no input; name files or folders, or - for standard input")
        }
    }

    func validate() throws {
        if inputs.contains("-") && list == "-" {
            throw ValidationError("standard input is either a video or a list, not both")
        }
        try OptionRange.checkPositive("--timeout", timeout, upTo: MediaOptions.maximumTimeout)
        try OptionRange.check("--pixel-limit", pixelLimit, MediaOptions.pixelLimits)
        try OptionRange.check("--duration-limit", durationLimit, MediaOptions.durationLimits)
        _ = try mediaOptions()
    }

    func mediaOptions() throws -> MediaOptions {
        var options = MediaOptions()
        options.format = inputFormat
        options.pixelFormat = pixelFormat
        options.frameRate = frameRate
        options.allowsNestedInputs = allowNested
        options.pixelLimit = pixelLimit
        options.durationLimit = durationLimit
        options.timeoutSeconds = timeout
        options.listens = listen
        if let videoSize {
            let sides = videoSize.split(separator: "x").map { Int($0) ?? 0 }
            guard sides.count == 2, sides.allSatisfy(MediaOptions.sides.contains) else {
                throw ValidationError(
                    """
                    -s takes a size as 512x320, each side up to \(MediaOptions.sides.upperBound), not \
                    '\(videoSize)'
                    """)
            }
            options.width = sides[0]
            options.height = sides[1]
        }
        return options
    }

    /// The inputs in order, each expanded to the files that it names.
    func requests(answered: ResumedOutput? = nil) throws -> RequestSource {
        try RequestSource(inputs: inputs, list: list, shard: shard, answered: answered)
    }
}

extension InputOptions {
    var readFiles: ReadFiles { ReadFiles(inputs: inputs, list: list) }
}
