import Media

/// A clip that every installation can make for itself, to see whether it gives the same scores.
///
/// The sources draw with integers or are seeded: FFmpeg 5.1 and 8 give the same bits for each of them.
/// Left out are `gradients` (changed between them) and everything that a codec decodes.
public struct ReferenceClip: Sendable, Hashable {
    public let name: String
    let video: PatternVideo

    private init(_ name: String, _ graph: String) {
        self.name = name
        video = PatternVideo(graph: graph, frameCount: 16)
    }

    /// Two in YUV, so that colour conversion is checked too; small and large, still and moving.
    public static let all = [
        ReferenceClip("testsrc2", "testsrc2=size=320x240:rate=8,format=yuv420p"),
        ReferenceClip("smptehdbars", "smptehdbars=size=640x360:rate=8,format=yuv420p"),
        ReferenceClip("mandelbrot", "mandelbrot=size=320x320:rate=8,format=rgb24"),
        ReferenceClip(
            "life",
            "life=size=288x224:rate=8:mold=10:seed=7:ratio=0.3:death_color=0xC83232"
                + ":life_color=0x00ff00,format=rgb24"),
        ReferenceClip("cellauto", "cellauto=size=240x320:rate=8:seed=7:rule=110,format=rgb24"),
        ReferenceClip("sierpinski", "sierpinski=size=320x240:rate=8:seed=7,format=rgb24"),
    ]
}
