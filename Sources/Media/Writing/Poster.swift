import Frames

/// A small JPEG of the first frame of a video, which browsers show until the video plays.
public struct Poster: Sendable, Hashable {
    /// The encoded file, `image/jpeg`.
    public let bytes: [UInt8]

    /// Scales and encodes the first frame of a reader that has not advanced yet.
    ///
    /// - Parameter longestSide: Maximum width and height in pixels; smaller videos keep their size.
    /// - Throws: `MediaError`; `MediaError.thumbnail` if FFmpeg lacks the encoder.
    public init(of reader: MediaReader, longestSide: Int = 320) throws(MediaError) {
        guard try reader.advance() != nil else {
            throw .thumbnail(reason: "the video has no frame")
        }
        let frame = try reader.frame()
        let size = Thumbnail.size(
            width: frame.width, height: frame.height, longestSide: longestSide)
        let frameSize = Resampling.Size(width: frame.width, height: frame.height)
        let pixels: [UInt8]
        do throws(FrameError) {
            pixels = try Resampling(.pillowBicubic, from: frameSize, to: size).pixels(of: frame)
        } catch {
            throw .frame(error)
        }
        try self.init(pixels: pixels, size: size)
    }

    /// - Parameter pixels: 8-bit RGB, `[height, width, 3]`.
    init(pixels: [UInt8], size: Resampling.Size) throws(MediaError) {
        let encoder = try ThumbnailEncoder(
            .jpeg, width: size.width, height: size.height, frameRate: Thumbnail.frameRate)
        try encoder.write(pixels)
        bytes = try encoder.finish()
    }
}
