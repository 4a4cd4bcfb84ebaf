/// Videos and images that ffmpeg generates for the tests.
public struct TestMedia: Sendable {
    public let folder: TemporaryFolder

    public init() throws { folder = try TemporaryFolder() }

    /// Generates both sides of a training: test patterns in `good`, noise in `raw`.
    ///
    /// - Parameter frames: Frames of a test pattern.
    public init(clipsPerSide: Int, frames: Int) throws {
        try self.init()
        for seed in 0..<clipsPerSide {
            try video("good/\(seed).mp4", frames: frames, seed: seed)
            try noise("raw/\(seed).mp4", seed: seed)
        }
    }

    /// Generates a moving test pattern with colours that depend on `seed`.
    @discardableResult
    public func video(
        _ name: String, frames: Int = 24, seed: Int = 0, size: String = "64x48"
    ) throws -> String {
        try folder.make(
            name, source: "testsrc2=size=\(size):rate=8,hue=h=\(seed * 40)",
            "-frames:v \(frames) -pix_fmt yuv420p")
    }

    /// Generates noise over a gradient, very different from the test pattern. Noise alone would be
    /// degenerate, and degenerate samples are not used for familiarity.
    @discardableResult
    public func noise(_ name: String, seed: Int) throws -> String {
        try folder.make(
            name,
            source: "color=gray:size=64x48:rate=8,geq=lum='64+2*X':cb=128:cr=128,"
                + "noise=alls=90:allf=t:all_seed=\(seed)",
            "-frames:v 16")
    }
}
