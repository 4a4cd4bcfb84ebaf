import Frames
import Media
import TestSupport
import Testing

@Suite struct PatternVideoTests {
    @Test(arguments: ["testsrc2=size=64x48:rate=8,format=yuv420p", "life=size=48x64:seed=3"])
    func `frames are those of the ffmpeg command`(graph: String) throws {
        let frames = try PatternVideo(graph: graph, frameCount: 5).frames()
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
    func `a graph that gives no such video is refused`(graph: String) {
        #expect(throws: MediaError.self) {
            try PatternVideo(graph: graph, frameCount: 5).frames()
        }
    }
}
