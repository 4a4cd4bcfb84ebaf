import Foundation
import Frames
import Media
import TestSupport
import Testing

@Suite struct MediaReaderTests {
    @Test(arguments: ["a.mp4", "a.mkv", "a.mov", "a.webm", "a.avi", "a.gif", "a.apng", "a.nut"])
    func `knows a video`(name: String) throws {
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
    func `takes a single picture for an image, whatever its format`(name: String) throws {
        let folder = try TemporaryFolder()
        let reading = try Reading(try folder.make(name, "-frames:v 1"))
        #expect(reading.info.kind == .image)
        #expect(reading.info.frameRate == nil)
        #expect(reading.info.durationSeconds == nil)
        #expect(reading.times == [FrameTime(index: 0)])
    }

    @Test func `takes pictures one after the other for a video`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make("pictures.bin", "-c:v png -f image2pipe")
        let reading = try Reading(path)
        #expect(reading.info.kind == .video)
        #expect(reading.frames.count == 10)
    }

    @Test func `keeps the times of a variable frame rate`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            "vfr.mkv", "-fps_mode passthrough -vf select='eq(n\\,0)+eq(n\\,1)+eq(n\\,6)+eq(n\\,9)'")
        let times = try Reading(path).times.compactMap(\.ptsSeconds)
        #expect(zip(times, [0, 0.1, 0.6, 0.9]).allSatisfy { abs($0 - $1) < 0.002 })
        #expect(times.count == 4)
    }

    @Test func `reads raw video whose shape is given`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make("a.yuv", "-c:v rawvideo -pix_fmt yuv420p")
        #expect(mediaError(path) == .rawVideoNeedsSize(input: path))
        let reading = try Reading(
            path,
            options: MediaOptions(
                format: "rawvideo", width: 130, height: 98, pixelFormat: "yuv420p", frameRate: "10")
        )
        #expect(reading.info.frameRate == 10)
        let theirs = try FFmpeg.run([
            "-f", "rawvideo", "-s", "130x98", "-pix_fmt", "yuv420p", "-i", path, "-f", "rawvideo",
            "-pix_fmt", "rgb24", "-",
        ])
        expectSamePixels(reading.pixels, Array(theirs))
    }

    @Test func `reads a numbered sequence from its first number on`() throws {
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

    @Test func `decodes the same whatever the number of threads`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            "a.mp4", source: "testsrc2=s=320x240:r=25:d=3,noise=alls=20", "-pix_fmt yuv420p")
        // Damage in the middle of the pictures: error concealment must not depend on threads either.
        var bytes = try folder.bytes("a.mp4")
        for i in stride(from: bytes.count / 3, to: bytes.count / 2, by: 997) { bytes[i] ^= 0x55 }
        let damaged = try folder.write(bytes, to: "damaged.mp4")
        for path in [path, damaged] {
            let one = try Reading(path, options: MediaOptions(threadCount: 1))
            let four = try Reading(path, options: MediaOptions(threadCount: 4))
            #expect(one.times == four.times)
            expectSamePixels(one.pixels, four.pixels)
            #expect((one.truncation != nil) == (four.truncation != nil))
        }
    }

    @Test func `a name that looks like a protocol is a file`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make("a.mp4")
        for name in ["concat:x|y.mp4", "100%d.mp4", "a [b] *?.mp4", "-i.mp4"] {
            try FileManager.default.copyItem(atPath: path, toPath: folder.path(name))
            #expect(try Reading(folder.path(name)).frames.count == 10)
        }
    }

    @Test func `stops when it is asked to`() async throws {
        // In a process of its own: the request concerns all readers.
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
