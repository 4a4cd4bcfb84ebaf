import Frames
import Media
import Testing
import TestSupport

/// Frames are bit-exact with `ffmpeg -pix_fmt rgb24`.
@Suite struct ColorConverterTests {
    /// A file and the ffmpeg options that generate it.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let options: String
        var source = "testsrc2=s=130x98:r=10:d=0.5"

        var testDescription: String { name }
    }

    static let odd = "testsrc=s=131x97:r=10:d=0.3"

    @Test(arguments: [
        Case(name: "601.mp4", options: "-pix_fmt yuv420p -colorspace smpte170m"),
        Case(name: "709.mp4", options: "-pix_fmt yuv420p -colorspace bt709"),
        Case(name: "2020.mp4", options: "-pix_fmt yuv420p -colorspace bt2020nc"),
        Case(name: "unspecified.mp4", options: "-pix_fmt yuv420p"),
        Case(name: "full.mp4", options: "-pix_fmt yuvj420p -color_range pc"),
        Case(name: "full709.mkv", options: "-pix_fmt yuv420p -color_range pc -colorspace bt709"),
        Case(
            name: "10bit.mkv",
            options: "-c:v libx265 -x265-params log-level=none -pix_fmt yuv420p10le"
                + " -colorspace bt2020nc"),
        Case(name: "422.mkv", options: "-c:v libx264 -pix_fmt yuv422p"),
        Case(name: "444.mkv", options: "-c:v libx264 -pix_fmt yuv444p"),
        Case(name: "422-10bit.mov", options: "-c:v prores_ks"),
        Case(name: "gray.mkv", options: "-c:v libx264 -pix_fmt gray"),
        Case(name: "rgb.mkv", options: "-c:v libx264rgb -pix_fmt bgr24"),
        Case(name: "odd420.mkv", options: "-c:v ffv1 -pix_fmt yuv420p", source: odd),
        Case(name: "odd422.mkv", options: "-c:v ffv1 -pix_fmt yuv422p", source: odd),
        Case(name: "odd444.mkv", options: "-c:v ffv1 -pix_fmt yuv444p", source: odd),
        Case(name: "odd410.mkv", options: "-c:v ffv1 -pix_fmt yuv410p", source: odd),
        Case(name: "odd-10bit.mkv", options: "-c:v ffv1 -pix_fmt yuv420p10le", source: odd),
        Case(
            name: "narrow.mkv", options: "-c:v ffv1 -pix_fmt yuv420p", source: "testsrc=s=7x5:d=0.2"
        ),
        Case(
            name: "one.png", options: "-frames:v 1", source: "color=red:s=8x8,format=rgb24,crop=1:1"
        ),
        Case(name: "alpha.webm", options: "-c:v libvpx-vp9 -pix_fmt yuva420p"),
        Case(name: "alpha.png", options: "-vf format=rgba,colorchannelmixer=aa=0.5 -frames:v 1"),
        Case(name: "deep.png", options: "-pix_fmt rgb48be -frames:v 1"),
        Case(name: "gray16.png", options: "-pix_fmt gray16be -frames:v 1"),
        Case(name: "palette.png", options: "-pix_fmt pal8 -frames:v 1"),
        Case(name: "bits.png", options: "-pix_fmt monob -frames:v 1"),
        Case(name: "420.jpg", options: "-pix_fmt yuvj420p -frames:v 1", source: odd),
        Case(name: "422.jpg", options: "-pix_fmt yuvj422p -frames:v 1", source: odd),
        Case(name: "444.jpg", options: "-pix_fmt yuvj444p -frames:v 1", source: odd),
        Case(name: "still.webp", options: "-frames:v 1"),
        Case(name: "lossless.webp", options: "-lossless 1 -frames:v 1"),
        Case(name: "still.bmp", options: "-frames:v 1"),
        Case(name: "still.tiff", options: "-frames:v 1 -pix_fmt rgb24"),
        Case(name: "animation.gif", options: ""),
        Case(name: "animation.apng", options: "-plays 0"),
        Case(name: "interlaced.mpg", options: "-c:v mpeg2video -flags +ilme+ildct"),
        Case(
            name: "interlaced.mp4", options: "-x264opts tff=1 -pix_fmt yuv420p",
            source: "testsrc2=s=130x96:r=10:d=0.5"),
        Case(name: "mpeg4.avi", options: "-c:v mpeg4 -bf 2"),
        Case(name: "vp8.webm", options: "-c:v libvpx"),
        Case(name: "av1.mp4", options: "-c:v libaom-av1 -cpu-used 8"),
        Case(name: "stream.ts", options: "-c:v libx264 -pix_fmt yuv420p"),
        Case(name: "stream.y4m", options: "-pix_fmt yuv420p"),
        Case(name: "stream.nut", options: "-c:v ffv1"),
        Case(name: "stream.264", options: "-pix_fmt yuv420p"),
        Case(name: "theora.ogv", options: "-c:v libtheora"),
    ])
    func `gives the same bytes as the ffmpeg command`(case: Case) throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(`case`.name, source: `case`.source, `case`.options)
        let reading = try Reading(path)
        expectSamePixels(reading.pixels, try FFmpeg.rgb(of: path))
        #expect(reading.truncation == nil)
    }

    /// Raw video without color properties: gray is limited, like YUV, and RGB is full.
    @Test(arguments: [
        "gray", "gray10le", "gray12le", "gray16le", "ya8", "ya16le", "yuv410p", "yuv411p",
        "yuv440p",
        "yuvj422p", "yuvj444p", "yuv420p12le", "yuv422p16le", "yuv444p10le", "yuva420p",
        "yuva444p10le",
        "gbrp", "gbrp10le", "gbrp16le", "gbrap", "rgb48le", "rgba64le", "bgr0", "argb", "rgb565le",
        "rgb555le", "bgr8", "rgb8", "pal8", "monow", "monob", "uyvy422", "yuyv422", "nv12", "nv21",
        "p010le", "xyz12le", "gbrpf32le",
    ])
    func `gives the same bytes as the ffmpeg command for all pixel formats`(format: String) throws {
        let folder = try TemporaryFolder()
        // 4:1:1 and 4:1:0 need a multiple of four.
        let raw = try folder.make(
            "a.raw", source: "testsrc2=s=132x100:r=10:d=0.2",
            "-f rawvideo -pix_fmt \(format)")
        let options = MediaOptions(
            format: "rawvideo", width: 132, height: 100, pixelFormat: format, frameRate: "10")
        let expected = try FFmpeg.run([
            "-f", "rawvideo", "-s", "132x100", "-pix_fmt", format, "-r", "10", "-i", raw, "-f",
            "rawvideo", "-pix_fmt", "rgb24", "-",
        ])
        expectSamePixels(try Reading(raw, options: options).pixels, Array(expected))
    }

    @Test(
        arguments: ["gray", "gray10le", "yuv420p", "yuv444p", "yuv422p10le"],
        [
            "", "-color_range pc", "-color_range tv", "-colorspace bt470bg", "-colorspace fcc",
            "-colorspace smpte240m", "-color_range pc -colorspace bt2020nc",
            "-colorspace bt2020nc -color_trc smpte2084 -color_primaries bt2020",
            "-colorspace bt2020nc -color_trc arib-std-b67", "-colorspace ycgco",
        ])
    func `gives the same bytes as the ffmpeg command for all matrices and ranges`(
        format: String, options: String
    ) throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            "a.mkv", source: "testsrc2=s=130x98:r=10:d=0.2",
            "-c:v ffv1 -pix_fmt \(format) \(options)")
        expectSamePixels(try Reading(path).pixels, try FFmpeg.rgb(of: path))
    }

    /// H.264 in RGB has the identity matrix.
    @Test func `gives the same bytes as the ffmpeg command for the identity matrix`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            "a.mp4", source: "testsrc2=s=130x98:r=10:d=0.2", "-c:v libx264rgb -crf 0")
        expectSamePixels(try Reading(path).pixels, try FFmpeg.rgb(of: path))
    }

    /// Frames of more than 4 million pixels are converted in several strips.
    @Test(arguments: [
        Case(name: "420.mkv", options: "-c:v ffv1 -pix_fmt yuv420p"),
        Case(name: "410.mkv", options: "-c:v ffv1 -pix_fmt yuv410p"),
        Case(name: "422-10bit.mkv", options: "-c:v ffv1 -pix_fmt yuv422p10le"),
        Case(name: "444.mkv", options: "-c:v ffv1 -pix_fmt yuv444p"),
        Case(name: "deep.png", options: "-pix_fmt rgba64be"),
        Case(name: "gray16.png", options: "-pix_fmt gray16be"),
        Case(name: "palette.png", options: "-pix_fmt pal8"),
        Case(name: "bits.png", options: "-pix_fmt monob"),
        Case(name: "420.jpg", options: "-pix_fmt yuvj420p"),
    ])
    func `large frames have the same bytes too`(case: Case) throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            `case`.name, source: "testsrc=s=3001x3003", `case`.options, "-frames:v 1")
        expectSamePixels(try Reading(path).pixels, try FFmpeg.rgb(of: path))
    }

    @Test(arguments: 1...8)
    func `a large frame is rotated strip by strip`(orientation: Int) throws {
        let folder = try TemporaryFolder()
        // 4:2:2 cannot be transposed plane by plane.
        _ = try folder.make(
            "plain.jpg", source: "testsrc=s=3001x2003", "-frames:v 1 -pix_fmt yuvj422p")
        let path = try folder.write(
            Self.photo(try folder.bytes("plain.jpg"), orientation: orientation), to: "turned.jpg")
        expectSamePixels(try Reading(path).pixels, try FFmpeg.rgb(of: path))
    }

    @Test(arguments: ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le"], [90, 180, 270])
    func `applies rotation as the ffmpeg command does`(format: String, degrees: Int) throws {
        let folder = try TemporaryFolder()
        let upright = try folder.make(
            "upright.mp4", source: "testsrc2=s=130x98:r=10:d=0.2", "-c:v libx264 -pix_fmt \(format)"
        )
        let rotated = folder.path("rotated.mp4")
        try FFmpeg.run([
            "-i", upright, "-c", "copy", "-metadata:s:v", "rotate=\(degrees)", rotated,
        ])
        let reading = try Reading(rotated)
        #expect(reading.info.width == (degrees == 180 ? 130 : 98))
        #expect(reading.info.height == (degrees == 180 ? 98 : 130))
        expectSamePixels(reading.pixels, try FFmpeg.rgb(of: rotated))
    }

    /// Orientations 2 to 4 flip or rotate by 180°, 5 to 8 transpose; 4:2:2 cannot be transposed
    /// plane by plane.
    @Test(arguments: 1...8, ["yuvj420p", "yuvj422p", "yuvj444p"])
    func `applies a photo's EXIF orientation`(orientation: Int, format: String) throws {
        let folder = try TemporaryFolder()
        let plain = try folder.make(
            "plain.jpg", source: Self.odd, "-frames:v 1 -pix_fmt \(format)")
        let path = try folder.write(
            Self.photo(try folder.bytes("plain.jpg"), orientation: orientation), to: "turned.jpg")
        let reading = try Reading(path)
        #expect(reading.info.width == (orientation > 4 ? 97 : 131))
        #expect((try Reading(plain)).info.width == 131)
        expectSamePixels(reading.pixels, try FFmpeg.rgb(of: path))
    }

    @Test func `supports a change of frame size within a stream`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.make("a.ts", source: "testsrc2=s=64x64:r=10:d=1")
        _ = try folder.make("b.ts", source: "testsrc2=s=96x48:r=10:d=1")
        let path = try folder.write(
            folder.bytes("a.ts") + folder.bytes("b.ts"), to: "ab.ts")
        let reading = try Reading(path)
        let sizes = Set(reading.frames.map { "\($0.width)x\($0.height)" })
        #expect(sizes == ["64x64", "96x48"])
        let last = try #require(reading.frames.last)
        expectSamePixels(
            last.pixels, Array(try FFmpeg.rgb(of: folder.path("b.ts")).suffix(96 * 48 * 3)))
        let times = reading.times.compactMap(\.ptsSeconds)
        #expect(times == times.sorted(), "time goes on where the first part ended")
    }

    /// A JPEG with an Exif orientation.
    private static func photo(_ jpeg: [UInt8], orientation: Int) -> [UInt8] {
        // APP1 segment directly after SOI: a TIFF header and one entry 0x0112 (Orientation, SHORT).
        let exif: [UInt8] =
            [0xFF, 0xE1, 0, 34] + Array("Exif\0\0".utf8) + Array("MM".utf8) + [0, 42, 0, 0, 0, 8]
            + [0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, UInt8(orientation), 0, 0, 0, 0, 0, 0]
        return jpeg[..<2] + exif + jpeg[2...]
    }
}
