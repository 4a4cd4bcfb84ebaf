import CFFmpeg
public import Frames

/// Reads the frames of one input in order.
///
/// ```swift
/// let reader = try MediaReader(.path("clip.mp4"))
/// while let time = try reader.advance() {
///     if time.index % 4 == 0 { use(try reader.frame()) }
/// }
/// ```
///
/// `advance()` decodes without converting; `frame()` converts the current frame to RGB. Skipped
/// frames are therefore never converted. Memory use does not grow with the input's length. A reader
/// must be used by one thread at a time.
public final class MediaReader {
    /// Metadata of the input; of the filtered frames if `MediaOptions.filtering` is set.
    public let info: MediaInfo

    private let decoded: any DecodedSource
    /// The decoded frames, or what filtering makes of them.
    private let frames: any FrameSource
    /// Whether the pixels of some frames may not be square: those of the decoded video, or of what
    /// filters make of a video whose pixels are not square.
    private let mayBeAnamorphic: Bool
    private let pixelLimit: Int
    private let converter = ColorConverter()
    private let current = UniqueAVFrame()
    private var currentTime: FrameTime?

    /// Opens the input and decodes its first frame.
    public init(_ source: InputSource, options: MediaOptions = .init()) throws(MediaError) {
        let (source, options) = source.resolved(options)
        let stream = try ByteStream.open(source, options: options)
        let still = try StillFile(source: source, options: options).frames(stream)
        let decoded: any DecodedSource =
            if let still { still } else {
                try DecodedFrames(source, options: options, bytes: stream)
            }
        let opened = LookaheadFrames(decoded)
        guard let first = try opened.readAhead() else {
            preconditionFailure("an input without frames is an error")
        }
        let properties = decoded.properties
        // A second frame distinguishes an animation from a still image.
        let isStill = try properties.mayBeStill ? opened.readAhead() == nil : false
        if isStill { first.time = FrameTime(index: 0) }
        let size = first.frame.withFrame { frame in
            let transposes = opened.orientation(of: frame).transposes
            let (width, height) = (Int(frame.pointee.width), Int(frame.pointee.height))
            return transposes ? (width: height, height: width) : (width: width, height: height)
        }
        if case .region(let region)? = options.filtering.steps.first,
            !region.fits(width: size.width, height: size.height)
        {
            throw .regionOutsideFrame(
                input: properties.input + region.fragment, width: size.width, height: size.height)
        }
        let info = MediaInfo(
            kind: isStill ? .image : .video, width: size.width, height: size.height,
            frameRate: isStill ? nil : properties.framesPerSecond,
            durationSeconds: isStill ? nil : properties.durationSeconds,
            formatName: properties.formatName, codecName: properties.codecName,
            isLive: properties.isLive)
        // An interruption is the regular end of a live input.
        let input: any FrameSource =
            info.isLive ? opened : InterruptibleFrames(opened, input: properties.input)
        self.decoded = decoded
        pixelLimit = options.pixelLimit
        // Images carry densities for printing; no viewer takes them for the shape of pixels.
        mayBeAnamorphic =
            !properties.mayBeStill
            && (options.filtering.isEmpty
                || !first.frame.withFrame { PixelAspect($0.pointee.sample_aspect_ratio).isSquare })
        if options.filtering.isEmpty {
            frames = input
            self.info = info
        } else {
            (frames, self.info) = try Self.filtered(
                input, by: options.filtering, properties, info)
        }
    }

    /// The frames after filtering and their metadata. The first frame is filtered at once: only it has
    /// the size after filtering.
    private static func filtered(
        _ source: any FrameSource, by filtering: FrameFiltering, _ properties: SourceProperties,
        _ info: MediaInfo
    ) throws(MediaError) -> (frames: any FrameSource, info: MediaInfo) {
        let filtered = FilteredFrames(
            filtering, of: source, properties, isStill: info.kind == .image)
        let frames = LookaheadFrames(filtered)
        guard let first = try frames.readAhead() else {
            throw .filtering(input: properties.input, reason: "no frame is left")
        }
        let size = first.frame.withFrame { (Int($0.pointee.width), Int($0.pointee.height)) }
        let filteredInfo = MediaInfo(
            kind: info.kind, width: size.0, height: size.1,
            frameRate: info.frameRate == nil ? nil : filtered.outputFrameRate,
            durationSeconds: info.durationSeconds, formatName: info.formatName,
            codecName: filtering.codecName ?? info.codecName, isLive: info.isLive)
        return (frames, filteredInfo)
    }

    /// The reason, in libav's words, why frames are missing or damaged; nil if there are none. The
    /// frames that were decoded are usable.
    public var truncation: String? {
        decoded.truncation
    }

    /// The frames according to the file's index; nil if only its packets can tell.
    var knownTimeline: FrameTimeline? {
        decoded.knownTimeline
    }

    /// Decodes the next frame without converting it; nil at the end of the input.
    ///
    /// Damage inside the input is not an error as long as frames can be decoded: see `truncation`.
    public func advance() throws(MediaError) -> FrameTime? {
        currentTime = try frames.next(into: current)
        return currentTime
    }

    /// The current frame as RGB, rotation applied, with square pixels: a frame of anamorphic video
    /// is wider or narrower than `info` tells. Call after `advance()` has returned a time.
    public func frame() throws(MediaError) -> Frame {
        try frame(isSquare: true)
    }

    /// The current frame as RGB, rotation applied.
    ///
    /// - Parameter isSquare: Whether pixels are made square; otherwise the frame has its coded size.
    func frame(isSquare: Bool) throws(MediaError) -> Frame {
        guard let time = currentTime else {
            preconditionFailure("there is no current frame: advance() comes first")
        }
        return try current.withFrame { (frame) throws(MediaError) in
            try converter.frame(
                frame, at: time, orientation: frames.orientation(of: frame),
                aspect: isSquare && mayBeAnamorphic ? aspect(of: frame) : .square,
                input: decoded.properties.input)
        }
    }

    /// The shape of a frame's pixels; square if the frame would exceed the pixel limit.
    private func aspect(of frame: UnsafeMutablePointer<AVFrame>) -> PixelAspect {
        let aspect = PixelAspect(frame.pointee.sample_aspect_ratio)
        let coded = Int(frame.pointee.width)
        let width = max(
            aspect.displayWidth(of: coded), aspect.transposed.displayWidth(of: coded))
        return width * Int(frame.pointee.height) <= pixelLimit ? aspect : .square
    }

    /// Lends the current frame, decoded and filtered but not converted. Call after `advance()` has
    /// returned a time.
    func withAVFrame<Result>(
        _ body: (UnsafeMutablePointer<AVFrame>) throws(MediaError) -> Result
    ) throws(MediaError) -> Result {
        try current.withFrame(body)
    }
}
