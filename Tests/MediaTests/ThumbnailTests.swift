import Media
import Testing
import TestSupport

@Suite struct ThumbnailTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `the thumbnail of a video is a similar small WebM`() throws {
        let input = folder.path("in.mp4")
        try folder.make("in.mp4", source: "testsrc2=s=640x360:r=10:d=4", "-pix_fmt yuv420p")
        let thumbnail = try Thumbnail(of: .path(input))
        #expect(thumbnail.mediaType == "video/webm")
        #expect(thumbnail.width == 160 && thumbnail.height == 90)
        #expect(thumbnail.bytes.count < 60_000)
        let output = try folder.write(thumbnail.bytes, to: "out.webm")
        let pixels = try FFmpeg.rgb(of: output)
        try #require(pixels.count == 8 * 160 * 90 * 3)
        // The middle frames of eight intervals of 40 frames, scaled by the ffmpeg command. VP8 at
        // 100 kb/s and another scaler give a mean difference of 5 to 8 of 255; a wrong frame or
        // swapped channels give more than 20.
        let expected = try FFmpeg.run([
            "-i", input, "-vf", "select='eq(mod(n,5),2)',scale=160:90:flags=bicubic", "-fps_mode",
            "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-",
        ])
        try #require(expected.count == pixels.count)
        let difference = zip(pixels, expected).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(Double(difference) / Double(pixels.count) < 12)
        #expect(try Thumbnail(of: .path(input)) == thumbnail)
    }

    @Test func `the thumbnail of an image is a JPEG`() throws {
        let input = folder.path("in.png")
        try folder.make("in.png", source: "testsrc2=s=90x320:r=1:d=1", "-frames:v 1")
        let thumbnail = try Thumbnail(of: .path(input))
        #expect(thumbnail.mediaType == "image/jpeg")
        #expect(thumbnail.width == 46 && thumbnail.height == 160)
        #expect(thumbnail.bytes.starts(with: [0xff, 0xd8, 0xff]))
        let output = try folder.write(thumbnail.bytes, to: "out.jpg")
        let pixels = try FFmpeg.rgb(of: output)
        #expect(pixels.count == 46 * 160 * 3)
        #expect(Set(pixels).count > 100)
    }

    @Test func `small inputs are not upscaled, odd sizes are rounded up`() throws {
        let input = folder.path("in.mkv")
        try folder.make("in.mkv", source: "testsrc2=s=33x21:r=10:d=0.3,format=yuv444p", "-c:v ffv1")
        let thumbnail = try Thumbnail(of: .path(input))
        #expect(thumbnail.width == 34 && thumbnail.height == 22)
    }

    @Test func `a file that is not a video is refused`() throws {
        let input = try folder.write("no video", to: "in.mp4")
        #expect(throws: MediaError.self) { try Thumbnail(of: .path(input)) }
    }

    @Test func `a poster is the first frame`() throws {
        let input = folder.path("in.mp4")
        try folder.make("in.mp4", source: "testsrc2=s=640x360:r=10:d=4", "-pix_fmt yuv420p")
        let poster = try Poster(of: MediaReader(.path(input)))
        #expect(poster.bytes.starts(with: [0xff, 0xd8, 0xff]))
        let output = try folder.write(poster.bytes, to: "poster.jpg")
        let pixels = try FFmpeg.rgb(of: output)
        let expected = try FFmpeg.run([
            "-i", input, "-vf", "scale=320:180:flags=bicubic", "-frames:v", "1", "-f", "rawvideo",
            "-pix_fmt", "rgb24", "-",
        ])
        try #require(expected.count == 320 * 180 * 3 && pixels.count == expected.count)
        let difference = zip(pixels, expected).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(Double(difference) / Double(pixels.count) < 8)
    }
}
