import Foundation
import Frames
import Media
import Testing
import TestSupport

@Suite struct MediaReaderTests {
    @Test(arguments: ["a.mp4", "a.mkv", "a.mov", "a.webm", "a.avi", "a.gif", "a.apng", "a.nut"])
    func `reads videos of all formats`(name: String) throws {
        let folder = try TemporaryFolder()
        let reading = try Reading(try folder.make(name))
        #expect(reading.info.kind == .video)
        #expect(reading.info.frameRate == 10)
        #expect(reading.frames.count == 10)
        #expect(reading.times.map(\.index) == Array(0..<10))
        for (i, time) in reading.times.enumerated() {
            #expect(abs((time.ptsSeconds ?? -1) - Double(i) / 10) < 0.002)
        }
    }

    @Test(arguments: ["a.png", "a.jpg", "a.webp", "a.bmp", "a.gif", "a.apng"])
    func `a single frame is an image in any format`(name: String) throws {
        let folder = try TemporaryFolder()
        let reading = try Reading(try folder.make(name, "-frames:v 1"))
        #expect(reading.info.kind == .image)
        #expect(reading.info.frameRate == nil)
        #expect(reading.info.durationSeconds == nil)
        #expect(reading.times == [FrameTime(index: 0)])
    }

    @Test func `concatenated images are a video`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make("pictures.bin", "-c:v png -f image2pipe")
        let reading = try Reading(path)
        #expect(reading.info.kind == .video)
        #expect(reading.frames.count == 10)
    }

    @Test func `keeps the time stamps of a variable frame rate`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            "vfr.mkv", "-fps_mode passthrough -vf select='eq(n\\,0)+eq(n\\,1)+eq(n\\,6)+eq(n\\,9)'")
        let times = try Reading(path).times.compactMap(\.ptsSeconds)
        #expect(zip(times, [0, 0.1, 0.6, 0.9]).allSatisfy { abs($0 - $1) < 0.002 })
        #expect(times.count == 4)
    }

    @Test func `reads raw video with size and pixel format given`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make("a.yuv", "-c:v rawvideo -pix_fmt yuv420p")
        #expect(mediaError(path) == .rawVideoNeedsSize(input: path))
        let reading = try Reading(
            path,
            options: MediaOptions(
                format: "rawvideo", width: 130, height: 98, pixelFormat: "yuv420p", frameRate: "10")
        )
        #expect(reading.info.frameRate == 10)
        let expected = try FFmpeg.run([
            "-f", "rawvideo", "-s", "130x98", "-pix_fmt", "yuv420p", "-i", path, "-f", "rawvideo",
            "-pix_fmt", "rgb24", "-",
        ])
        expectSamePixels(reading.pixels, Array(expected))
    }

    @Test func `reads an image sequence from its first number`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.make("shot_%04d.png", "-start_number 97")
        let reading = try Reading(
            folder.path("shot_%04d.png"), options: MediaOptions(frameRate: "10"))
        #expect(reading.info.kind == .video)
        #expect(reading.frames.count == 10)
        #expect(reading.info.frameRate == 10)
        expectSamePixels(
            reading.frames[3].pixels, try FFmpeg.rgb(of: folder.path("shot_0100.png")))
    }

    @Test func `decoding does not depend on the number of threads`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            "a.mp4", source: "testsrc2=s=320x240:r=25:d=3,noise=alls=20", "-pix_fmt yuv420p")
        // Damage within frames: error concealment must not depend on threads either.
        var bytes = try folder.bytes("a.mp4")
        for i in stride(from: bytes.count / 3, to: bytes.count / 2, by: 997) { bytes[i] ^= 0x55 }
        let damaged = try folder.write(bytes, to: "damaged.mp4")
        for path in [path, damaged] {
            let single = try Reading(path, options: MediaOptions(threadCount: 1))
            let threaded = try Reading(path, options: MediaOptions(threadCount: 4))
            #expect(single.times == threaded.times)
            expectSamePixels(single.pixels, threaded.pixels)
            #expect((single.truncation != nil) == (threaded.truncation != nil))
        }
    }

    @Test func `a file name may look like a protocol, a pattern or an option`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make("a.mp4")
        for name in ["concat:x|y.mp4", "100%d.mp4", "a [b] *?.mp4", "-i.mp4"] {
            try FileManager.default.copyItem(atPath: path, toPath: folder.path(name))
            #expect(try Reading(folder.path(name)).frames.count == 10)
        }
    }

    @Test func `an interruption stops reading`() async throws {
        // In a separate process, because the request applies to all readers.
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let path = try folder.make("a.mp4")
            let reader = try MediaReader(.path(path))
            _ = try reader.advance()
            MediaInterruption.request()
            #expect(throws: MediaError.interrupted(input: path)) { try reader.advance() }
            MediaInterruption.reset()
            #expect(try reader.advance()?.index == 1)
        }
    }
}
