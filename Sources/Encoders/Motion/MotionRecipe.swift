/// What an encoder takes motion from: see `MotionFeatures`.
public struct MotionRecipe: Sendable, Hashable, Codable {
    /// The block whose patch tokens are followed over the frames, 1 the first, at most the highest tap.
    public var block: Int
    /// Frames that are followed at a time, 4 to 16; longer sequences are cut into pieces of this length.
    public var burst: Int
    /// Raised when the features are computed in another way.
    public var revision = current

    static let current = 1
    public static let bursts = 4...16

    public init(block: Int, burst: Int = 4) {
        self.block = block
        self.burst = burst
    }

    /// Numbers that follow the `2 · width · taps` of an embedding.
    public static let featureCount = MotionFeatures.count
}
