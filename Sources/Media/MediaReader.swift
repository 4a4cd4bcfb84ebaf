import CFFmpeg
public import Frames

/// Reads the frames of one input, one after the other.
///
/// ```swift
/// let reader = try MediaReader(.path("clip.mp4"))
/// while let time = try reader.advance() {
///     if time.index % 4 == 0 { use(try reader.frame()) }
/// }
/// ```
///
/// `advance()` decodes without converting, `frame()` converts the current picture to RGB: only what is
/// needed costs anything. Memory does not grow with the input's length. One thread at a time owns a
/// reader.
public final class MediaReader {
    /// Of a treated input: what it was treated to.
    public private(set) var info: MediaInfo

    private let source: InputSource
    private let options: MediaOptions
    private var stream: FrameStream
    private let converter = ColorConverter()
    private let current = Picture()
    private var currentTime: FrameTime?
    /// Decoded while opening, handed out first: a second frame tells a picture from an animation.
    private let first = Picture()
    private let second = Picture()
    private var timesAhead: [FrameTime]
    private var treater: FrameTreater?
    /// Treated while opening, handed out first: only a treated frame has a treated size.
    private let treated = Picture()
    private var treatedAhead: FrameTime?

    /// Opens the input and decodes its first frame.
    public init(_ source: InputSource, options: MediaOptions = .init()) throws(MediaError) {
        let (source, resolved) = source.resolved(options)
        var options = resolved
        // Damage may make decoding start over with one thread: see `decode`.
        if !source.isRegularFile { options.threadCount = 1 }
        var stream = try FrameStream(source, options: options)
        guard let time = try Self.decode(&stream, into: first, source, options) else {
            preconditionFailure("an input without frames is an error")
        }
        let demuxer = stream.demuxer
        timesAhead = [time]
        var isStill = false
        if ContainerPolicy.mayBeStill(demuxer.formatName, majorBrand: demuxer.majorBrand) {
            if let next = try Self.decode(&stream, into: second, source, options) {
                timesAhead.append(next)
            } else {
                isStill = true
                timesAhead = [FrameTime(index: 0)]
            }
        }
        let size = first.withFrame { frame in
            let transposes = Self.orientation(of: frame, in: demuxer).transposes
            let (width, height) = (Int(frame.pointee.width), Int(frame.pointee.height))
            return transposes ? (width: height, height: width) : (width: width, height: height)
        }
        if case .region(let region)? = options.treatment.steps.first,
            !region.fits(width: size.width, height: size.height)
        {
            throw .outsideFrame(
                input: demuxer.input + region.fragment, width: size.width, height: size.height)
        }
        info = MediaInfo(
            kind: isStill ? .image : .video, width: size.width, height: size.height,
            frameRate: isStill ? nil : demuxer.frameRate,
            durationSeconds: isStill ? nil : demuxer.durationSeconds,
            formatName: demuxer.formatName, codecName: stream.decoder.codecName,
            isLive: demuxer.isLive)
        self.source = source
        self.options = options
        self.stream = stream
        if !options.treatment.isEmpty { try beginTreatment() }
    }

    private func beginTreatment() throws(MediaError) {
        let demuxer = stream.demuxer
        let treater = FrameTreater(
            options.treatment, demuxer: demuxer, isStill: info.kind == .image)
        self.treater = treater
        guard let time = try treat(by: treater, into: treated) else {
            throw .treatment(input: demuxer.input, reason: "no frame is left")
        }
        treatedAhead = time
        let size = treated.withFrame { (Int($0.pointee.width), Int($0.pointee.height)) }
        info = MediaInfo(
            kind: info.kind, width: size.0, height: size.1,
            frameRate: info.frameRate == nil ? nil : treater.treatedFrameRate,
            durationSeconds: info.durationSeconds, formatName: info.formatName,
            codecName: options.treatment.codecName ?? info.codecName, isLive: info.isLive)
    }

    /// Why fewer or worse frames came than the input should hold, as libav says it; nil as long as all
    /// is well. The frames that came are to be used.
    public var truncation: String? {
        stream.truncation
    }

    /// Frames that the file's own index promises; nil where there is no full index.
    var indexedFrameCount: Int? {
        stream.demuxer.indexedFrameCount
    }

    /// Decodes the next frame without converting it; nil at the end of the input.
    ///
    /// Damage inside the input is no error as long as frames come: see `truncation`.
    public func advance() throws(MediaError) -> FrameTime? {
        if let time = treatedAhead {
            current.take(treated)
            treatedAhead = nil
            currentTime = time
        } else if let treater {
            currentTime = try treat(by: treater, into: current)
        } else {
            currentTime = try decode(into: current)
        }
        return currentTime
    }

    private func treat(
        by treater: FrameTreater, into picture: borrowing Picture
    ) throws(MediaError) -> FrameTime? {
        try treater.next(
            into: picture, orientation: { Self.orientation(of: $0, in: stream.demuxer) },
            decode: { (picture) throws(MediaError) in try decode(into: picture) })
    }

    private func decode(into picture: borrowing Picture) throws(MediaError) -> FrameTime? {
        if MediaInterruption.isRequested, !info.isLive {
            throw .interrupted(input: stream.demuxer.input)
        }
        guard !timesAhead.isEmpty else {
            return try Self.decode(&stream, into: picture, source, options)
        }
        let time = timesAhead.removeFirst()
        if time.index == 0 { picture.take(first) } else { picture.take(second) }
        return time
    }

    /// The current frame as RGB, rotation applied. Call after `advance()` has returned a time.
    public func frame() throws(MediaError) -> Frame {
        guard let time = currentTime else {
            preconditionFailure("there is no current frame: advance() comes first")
        }
        return try current.withFrame { (frame) throws(MediaError) in
            // A treatment begins with turning.
            let orientation =
                treater == nil ? Self.orientation(of: frame, in: stream.demuxer) : .upright
            let picture = try converter.convert(
                frame, orientation: orientation, input: stream.demuxer.input)
            return Frame(
                width: picture.width, height: picture.height, pixels: picture.pixels,
                index: time.index, ptsSeconds: time.ptsSeconds,
                durationSeconds: time.durationSeconds)
        }
    }

    /// Lends the current picture as it was decoded or treated; call after `advance()` has returned a time.
    func withPicture<Result>(
        _ body: (UnsafeMutablePointer<AVFrame>) throws(MediaError) -> Result
    ) throws(MediaError) -> Result {
        try current.withFrame(body)
    }

    /// Decodes the next frame. At the first sign of damage it starts over with a single thread and goes on
    /// where it was: how several threads conceal errors is a matter of chance.
    private static func decode(
        _ stream: inout FrameStream, into picture: borrowing Picture, _ source: InputSource,
        _ options: MediaOptions
    ) throws(MediaError) -> FrameTime? {
        let time = try stream.next(into: picture)
        guard stream.threadCount > 1, stream.decoder.hasMetDamage else { return time }
        let index = time?.index ?? stream.frameCount
        var options = options
        options.threadCount = 1
        stream = try FrameStream(source, options: options)
        while let time = try stream.next(into: picture) {
            if time.index >= index { return time }
        }
        return nil
    }

    private static func orientation(
        of frame: UnsafeMutablePointer<AVFrame>, in demuxer: Demuxer
    ) -> Orientation {
        Orientation(displayMatrix: ganrm_display_matrix(frame, demuxer.stream))
    }
}
