import Frames

/// A small preview of an input for browsers: a silent WebM of a few frames, or a JPEG of an image.
public struct Thumbnail: Sendable, Hashable {
    /// `video/webm` or `image/jpeg`.
    public let mediaType: String
    /// The encoded file.
    public let bytes: [UInt8]
    /// The first frame of a video thumbnail; nil for an image.
    public let poster: Poster?
    /// Size in pixels, both even.
    public let width: Int
    public let height: Int

    /// Playback rate of video thumbnails in frames per second, whatever the input's rate.
    public static let frameRate = 4

    /// Reads a whole file and encodes its thumbnail.
    ///
    /// - Parameters:
    ///   - frameCount: Frames of a video, evenly spread over its length.
    ///   - longestSide: Maximum width and height in pixels; smaller inputs keep their size.
    /// - Throws: `MediaError` and `FrameError`; `MediaError.thumbnail` if the source is not a
    ///   regular file (a URL is not fetched again) or if FFmpeg lacks the encoder.
    public init(
        of source: InputSource, options: MediaOptions = .init(), frameCount: Int = 8,
        longestSide: Int = 160
    ) throws {
        guard source.isRegularFile else {
            throw MediaError.thumbnail(reason: "'\(source)' is no file")
        }
        let info = try MediaReader(source, options: options).info
        let size = Self.size(
            width: info.width, height: info.height, longestSide: longestSide)
        let sampling = UniformSampling(frameCount: info.kind == .image ? 1 : frameCount)
        let reader = ClipReader(
            source: source, options: options, sampling: .uniform(sampling)
        ) { frame in
            // The frame size may change within a stream.
            let frameSize = Resampling.Size(width: frame.width, height: frame.height)
            return try Resampling(.pillowBicubic, from: frameSize, to: size).pixels(of: frame)
        }
        var clip: Clip?
        _ = try reader.read { clip = $0 }
        guard let clip else { throw MediaError.empty(input: source.description) }
        let encoder = try ThumbnailEncoder(
            info.kind == .image ? .jpeg : .webM, width: size.width, height: size.height,
            frameRate: Self.frameRate)
        for frame in clip.frames { try encoder.write(frame) }
        bytes = try encoder.finish()
        poster = info.kind == .image ? nil : try Poster(pixels: clip.frames[0], size: size)
        mediaType = encoder.format.mediaType
        width = size.width
        height = size.height
    }

    /// The size of the scaled frame; both sides are even, as 4:2:0 chroma requires.
    static func size(width: Int, height: Int, longestSide: Int) -> Resampling.Size {
        let scale = min(1, Double(longestSide) / Double(max(width, height)))
        func even(_ side: Int) -> Int { max(2, 2 * Int((Double(side) * scale / 2).rounded())) }
        return Resampling.Size(width: even(width), height: even(height))
    }
}
