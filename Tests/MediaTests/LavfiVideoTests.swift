import Frames
import Media
import Testing
import TestSupport

@Suite struct LavfiVideoTests {
    @Test(arguments: ["testsrc2=size=64x48:rate=8,format=yuv420p", "life=size=48x64:seed=3"])
    func `frames match the ffmpeg command`(graph: String) throws {
        let frames = try LavfiVideo(graph: graph, frameCount: 5).frames()
        let folder = try TemporaryFolder()
        let file = try folder.make(
            "frames.nut", source: graph, "-frames:v 5 -c:v ffv1")
        let reader = try MediaReader(.path(file))
        for frame in frames {
            _ = try #require(try reader.advance())
            #expect(try reader.frame().pixels == frame.pixels)
        }
    }

    @Test(arguments: ["no_such_filter", "hflip", "testsrc2=duration=0.1:rate=10"])
    func `an invalid or too short graph is refused`(graph: String) {
        #expect(throws: MediaError.self) {
            try LavfiVideo(graph: graph, frameCount: 5).frames()
        }
    }

    @Test func `a lossless file has the frames of the pattern`() throws {
        let pattern = LavfiVideo(
            graph: "testsrc2=size=64x48:rate=8,format=yuv420p", frameCount: 5)
        let folder = try TemporaryFolder()
        try pattern.write(to: folder.path("pattern.mp4"), crf: 0)
        let reader = try MediaReader(.path(folder.path("pattern.mp4")))
        for frame in try pattern.frames() {
            let time = try #require(try reader.advance())
            #expect(time.ptsSeconds == frame.ptsSeconds)
            #expect(try reader.frame().pixels == frame.pixels)
        }
        #expect(try reader.advance() == nil)
    }
}
