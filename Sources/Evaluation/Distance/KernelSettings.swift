public import Distances
import Pipeline

/// Settings of the kernel distance of a `DistanceReport`.
public struct KernelSettings: Sendable, Hashable {
    /// 1 to 100 000.
    public var subsetCount: Int
    /// 2 to 20 000.
    public var subsetSize: Int
    public var seed: UInt64

    public init(
        subsetCount: Int = KernelDistance.defaultSubsetCount,
        subsetSize: Int = KernelDistance.defaultSubsetSize, seed: UInt64 = 0
    ) {
        self.subsetCount = subsetCount
        self.subsetSize = subsetSize
        self.seed = seed
    }

    /// - Throws: `DistanceError.noDistance` for a side without embeddings, and the errors of
    ///   `KernelDistance`.
    func distance(_ sides: [DistanceSide]) throws -> KernelDistance {
        let contents = try sides.map { side in
            guard case .embeddings(let set) = side.features else {
                throw DistanceError.noDistance(
                    reason: """
                        '\(side.name)' has statistics of samples, and the kernel distance needs the \
                        samples; keep them with: ganrm encode
                        """)
            }
            return set.contents
        }
        return try KernelDistance(
            contents[0], contents[1], subsetCount: subsetCount, subsetSize: subsetSize, seed: seed)
    }
}
