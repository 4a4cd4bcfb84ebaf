import TestSupport

/// Videos and pictures that ffmpeg makes for the tests.
struct TestMedia: Sendable {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A moving test pattern; `seed` makes it another one.
    @discardableResult
    func video(
        _ name: String, frames: Int = 24, seed: Int = 0, size: String = "64x48"
    ) throws -> String {
        try folder.make(
            name, source: "testsrc2=size=\(size):rate=8,hue=h=\(seed * 40)",
            "-frames:v \(frames) -pix_fmt yuv420p")
    }

    /// Noise, as different from the test pattern as can be, over a gradient: noise alone shows nothing, and
    /// what shows nothing does not count where a head learns what is familiar.
    @discardableResult
    func noise(_ name: String, seed: Int) throws -> String {
        try folder.make(
            name,
            source: "color=gray:size=64x48:rate=8,geq=lum='64+2*X':cb=128:cr=128,"
                + "noise=alls=90:allf=t:all_seed=\(seed)",
            "-frames:v 16")
    }
}
