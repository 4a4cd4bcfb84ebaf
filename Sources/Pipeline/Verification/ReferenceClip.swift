import Media

/// A synthetic clip that every installation can generate, to verify that it computes the same
/// scores.
///
/// The FFmpeg sources use integers or a seed, so that FFmpeg 5.1 and 8 generate the same bits.
/// `gradients`, which differs between these versions, and decoded clips are not used.
public struct ReferenceClip: Sendable, Hashable {
    public let name: String
    let video: LavfiVideo

    private init(_ name: String, _ graph: String) {
        self.name = name
        video = LavfiVideo(graph: graph, frameCount: 16)
    }

    /// All reference clips: small and large, still and moving; two are YUV to verify colour
    /// conversion.
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
