internal import Files

/// Mean and covariance of feature vectors that are added one after the other, in memory that does
/// not grow with their number.
///
///     var moments = try FeatureMoments(dimension: 2048)
///     for features in batches { try moments.append(contentsOf: features) }
///     let distance = try FrechetDistance(NormalFit(moments), reference)
///
/// Vectors are collected to blocks of max(2 D, 1024). A root of the scatter matrix of each block is
/// merged into that of the blocks before, by QR decomposition, so that the covariance keeps all
/// digits, in double precision. The result does not depend on how many vectors are added at once.
///
/// Memory: about 10 D² values of 8 bytes while a block is merged, 330 MB for D = 2048; less than a
/// block of vectors is kept as it is.
///
/// Source: Chan, Golub and LeVeque, Updating formulae and a pairwise algorithm for computing sample
/// variances, 1982.
public struct FeatureMoments: Sendable {
    /// Length of a feature vector, D.
    public let dimension: Int
    /// Number of vectors, n.
    public private(set) var count = 0
    /// Moments of the complete blocks.
    private var merged: BlockMoments?
    /// The vectors of the block that is not complete, `[0…blockSize − 1, D]`.
    private var pending: [Float] = []

    private var blockSize: Int { max(2 * dimension, 1024) }

    /// - Throws: `DistanceError.noDistance` for a dimension that is not in 1…2²⁴.
    public init(dimension: Int) throws(DistanceError) {
        guard (1...1 << 24).contains(dimension) else {
            throw .noDistance(reason: "features have \(dimension) values")
        }
        self.dimension = dimension
    }

    /// Computes the moments of features in memory, `[n, D]`.
    ///
    /// - Throws: As `append`.
    public init(_ features: [[Float]]) throws(DistanceError) {
        try self.init(dimension: features.first?.count ?? 0)
        try append(contentsOf: features)
    }

    /// Adds feature vectors, `[…, D]`.
    ///
    /// - Throws: `DistanceError.noDistance` for a vector of another length or with values that are
    ///   not finite, `DistanceError.outOfMemory`.
    public mutating func append(
        contentsOf features: some Sequence<[Float]>
    ) throws(DistanceError) {
        for vector in features { try append(vector) }
    }

    /// Adds a feature vector, `[D]`; see `append(contentsOf:)`.
    public mutating func append(_ vector: [Float]) throws(DistanceError) {
        guard vector.count == dimension else {
            throw .noDistance(reason: "embeddings have \(dimension) and \(vector.count) values")
        }
        guard vector.allSatisfy(\.isFinite) else {
            throw .noDistance(reason: "an embedding has a value that is not finite")
        }
        pending += vector
        count += 1
        if pending.count == blockSize * dimension {
            merged = try total()
            pending.removeAll(keepingCapacity: true)
        }
    }

    /// The moments of all vectors.
    ///
    /// - Throws: `DistanceError.outOfMemory`.
    func total() throws(DistanceError) -> BlockMoments {
        let block = try BlockMoments(of: pending, width: dimension)
        guard let merged else { return block }
        return pending.isEmpty ? merged : try merged.merged(with: block)
    }
}
