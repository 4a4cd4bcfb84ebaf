import Frames
import Media
import Testing
import TestSupport

/// Video whose pixels are not square is scaled as `ffmpeg -vf scale=iw*sar:ih,setsar=1` does.
@Suite struct AnamorphicTests {
    private func squareRGB(of path: String) throws -> [UInt8] {
        Array(
            try FFmpeg.run([
                "-i", path, "-vf", "scale=iw*sar:ih,setsar=1", "-fps_mode", "passthrough", "-f",
                "rawvideo", "-pix_fmt", "rgb24", "-",
            ]))
    }

    @Test(
        arguments: ["a.mp4", "a.mkv", "a.ts", "a.avi"],
        [("2/1", 260), ("1/2", 65), ("16/11", 189), ("64/45", 184), ("9/10", 117)])
    func `frames have square pixels`(name: String, ratio: (sar: String, width: Int)) throws {
        let folder = try TemporaryFolder()
        let codec = name == "a.avi" ? "-c:v mpeg4" : "-c:v libx264 -pix_fmt yuv420p"
        let path = try folder.make(
            name, source: "testsrc2=s=130x98:r=10:d=0.5", "-vf setsar=\(ratio.sar) \(codec)")
        let reading = try Reading(path)
        #expect(reading.info.width == 130 && reading.info.height == 98)
        #expect(reading.frames[0].width == ratio.width && reading.frames[0].height == 98)
        expectSamePixels(reading.pixels, try squareRGB(of: path))
    }

    @Test(arguments: [90, 180, 270], ["yuv420p", "yuv422p"])
    func `rotation comes before scaling`(degrees: Int, format: String) throws {
        let folder = try TemporaryFolder()
        let upright = try folder.make(
            "upright.mp4", source: "testsrc2=s=130x98:r=10:d=0.2",
            "-vf setsar=2/1 -c:v libx264 -pix_fmt \(format)")
        let path = folder.path("rotated.mp4")
        try FFmpeg.run(["-i", upright, "-c", "copy", "-metadata:s:v", "rotate=\(degrees)", path])
        let frame = try Reading(path).frames[0]
        #expect(frame.width == (degrees == 180 ? 260 : 49))
        #expect(frame.height == (degrees == 180 ? 98 : 130))
        if format == "yuv420p" {
            expectSamePixels(try Reading(path).pixels, try squareRGB(of: path))
        }
    }

    @Test(arguments: ["0/1", "1/1", "1/10000", "10000/1", "1/11"])
    func `unknown and absurd ratios are ignored`(ratio: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            "a.mkv", source: "testsrc2=s=130x98:r=10:d=0.2",
            "-vf setsar=\(ratio):max=20000 -c:v ffv1")
        let frame = try Reading(path).frames[0]
        #expect(frame.width == 130 && frame.height == 98)
    }

    @Test func `a frame that would exceed the pixel limit keeps its size`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            "a.mp4", source: "testsrc2=s=130x98:r=10:d=0.2", "-vf setsar=2/1 -pix_fmt yuv420p")
        let frame = try Reading(path, options: MediaOptions(pixelLimit: 25_000)).frames[0]
        #expect(frame.width == 130)
    }

    /// Densities of images are for printing.
    @Test(arguments: ["a.png", "a.jpg", "a.gif", "a.apng"])
    func `images and animations keep their size`(name: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            name, source: "testsrc2=s=130x98:r=10:d=0.3",
            "-vf setsar=2/1 \(name == "a.gif" || name == "a.apng" ? "" : "-frames:v 1")")
        #expect(try Reading(path).frames[0].width == 130)
    }

    @Test func `a region has coded coordinates, filters may change the shape of square pixels`()
        throws
    {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            "a.mp4", source: "testsrc2=s=128x96:r=10:d=0.2", "-vf setsar=2/1 -pix_fmt yuv420p")
        let region = try Reading(path + "#xywh=64,0,64,96").frames[0]
        #expect(region.width == 128 && region.height == 96)
        let square = try folder.make(
            "b.mp4", source: "testsrc2=s=128x96:r=10:d=0.2", "-pix_fmt yuv420p")
        let options = MediaOptions(filtering: FrameFiltering([.filters("scale=64:96")]))
        #expect(try Reading(square, options: options).frames[0].width == 64)
        #expect(try Reading(path, options: options).frames[0].width == 256)
    }
}
