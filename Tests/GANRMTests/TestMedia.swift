import Foundation

/// Videos and pictures that ffmpeg makes for the tests.
struct TestMedia: Sendable {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A moving test pattern; `seed` makes it another one.
    @discardableResult
    func video(_ name: String, frames: Int = 24, seed: Int = 0, size: String = "64x48") throws
        -> String
    {
        let path = folder.path(name)
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: path).deletingLastPathComponent(),
            withIntermediateDirectories: true)
        try CommandRun.ffmpeg([
            "-f", "lavfi", "-i", "testsrc2=size=\(size):rate=8,hue=h=\(seed * 40)",
            "-frames:v", "\(frames)", "-pix_fmt", "yuv420p", path,
        ])
        return path
    }

    /// Noise, as different from the test pattern as can be.
    @discardableResult
    func noise(_ name: String, seed: Int) throws -> String {
        let path = folder.path(name)
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: path).deletingLastPathComponent(),
            withIntermediateDirectories: true)
        try CommandRun.ffmpeg([
            "-f", "lavfi", "-i", "color=gray:size=64x48:rate=8",
            "-vf", "noise=alls=90:allf=t:all_seed=\(seed)", "-frames:v", "16", path,
        ])
        return path
    }
}
