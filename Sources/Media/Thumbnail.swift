import Frames

/// A small copy of an input that a browser plays: a silent WebM of a few frames, or a JPEG of a picture.
public struct Thumbnail: Sendable, Hashable {
    /// `video/webm` or `image/jpeg`.
    public let mediaType: String
    /// The file's content.
    public let bytes: [UInt8]
    /// Size in pixels, both even.
    public let width: Int
    public let height: Int

    /// Frames per second that a video is played at, whatever the input's.
    public static let frameRate = 4

    /// Reads a file from front to back.
    ///
    /// - Parameters:
    ///   - frameCount: Frames of a video, evenly spread over its length.
    ///   - longestSide: In pixels; smaller inputs keep their size.
    /// - Throws: `MediaError`; `.thumbnail` for what is no file (an address is not fetched again) and if
    ///   FFmpeg's libraries lack the encoder.
    public init(
        of source: InputSource, options: MediaOptions = .init(), frameCount: Int = 8,
        longestSide: Int = 160
    ) throws {
        guard source.isRegularFile else {
            throw MediaError.thumbnail(reason: "'\(source)' is no file")
        }
        let info = try MediaReader(source, options: options).info
        let size = Self.size(of: info, longestSide: longestSide)
        let sampling = UniformSampling(frameCount: info.kind == .image ? 1 : frameCount)
        let reader = ClipReader(
            source: source, options: options, sampling: .uniform(sampling)
        ) { frame in
            // Frames may change their size on the way.
            let own = Resampling.Size(width: frame.width, height: frame.height)
            return Resampling(.pillowBicubic, from: own, to: size).pixels(of: frame)
        }
        var clip: Clip?
        _ = try reader.read { clip = $0 }
        guard let clip else { throw MediaError.empty(input: source.description) }
        let encoder = try ThumbnailEncoder(
            info.kind == .image ? .jpeg : .webM, width: size.width, height: size.height,
            frameRate: Self.frameRate)
        for frame in clip.frames { try encoder.write(frame) }
        bytes = try encoder.finish()
        mediaType = encoder.format.mediaType
        width = size.width
        height = size.height
    }

    /// The whole frame, smaller, its sides even as chroma planes of half the size like them.
    private static func size(of info: MediaInfo, longestSide: Int) -> Resampling.Size {
        let scale = min(1, Double(longestSide) / Double(max(info.width, info.height)))
        func even(_ side: Int) -> Int { max(2, 2 * Int((Double(side) * scale / 2).rounded())) }
        return Resampling.Size(width: even(info.width), height: even(info.height))
    }
}
