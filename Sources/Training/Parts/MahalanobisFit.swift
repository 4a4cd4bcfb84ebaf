internal import CLAPACK
import Reward
import Statistics

/// Fits the Mahalanobis distance of a set of embeddings.
enum MahalanobisFit {
    /// λ, the ridge added to the covariance of the standardized embeddings.
    static let ridge = 0.3
    /// Maximum number of principal components. For embeddings of length 1536, 64 separate failures
    /// from new sources as well as all.
    private static let maximumComponentCount = 64
    /// Maximum number of samples for the fit; more are subsampled evenly.
    private static let maximumSampleCount = 1024
    /// Minimum standard deviation of a column, relative to the median over columns.
    private static let minimumDeviationShare = 0.01

    /// The distance from the distribution of a set.
    ///
    /// - Parameter set: `[n, D]`, n at least 1, finite.
    static func metric(of set: [[Float]]) -> MahalanobisDistance {
        let embeddings =
            set.count > maximumSampleCount
            ? (0..<maximumSampleCount).map { set[$0 * set.count / maximumSampleCount] } : set
        let count = embeddings.count
        let width = embeddings[0].count
        var means = Array(repeating: 0.0, count: width)
        var squares = Array(repeating: 0.0, count: width)
        // Divides each term, not the sum: the tensors of trained heads depend on this rounding.
        for embedding in embeddings {
            for i in 0..<width { means[i] += Double(embedding[i]) / Double(count) }
        }
        for embedding in embeddings {
            for i in 0..<width {
                let difference = Double(embedding[i]) - means[i]
                squares[i] += difference * difference / Double(count)
            }
        }
        // Without a minimum, a column with almost no variance would dominate the distance of any
        // new sample.
        let median = quantile(0.5, ofSorted: squares.sorted())
        let minimum = median > 0 ? minimumDeviationShare * median.squareRoot() : 1
        let deviations = squares.map { max($0.squareRoot(), minimum) }

        // Column-major [count, width], divided by √count: the covariance is matrixᵀ · matrix.
        var matrix = Array(repeating: 0.0, count: count * width)
        for (row, embedding) in embeddings.enumerated() {
            for i in 0..<width {
                matrix[row + i * count] =
                    (Double(embedding[i]) - means[i]) / deviations[i] / Double(count).squareRoot()
            }
        }
        return MahalanobisDistance(
            mean: means.map { Float($0) }, deviation: deviations.map { Float($0) },
            components: components(of: matrix, count: count, width: width), ridge: ridge)
    }

    /// The principal components, `[r, width]`, in ascending order of variance e. Each is scaled by
    /// √(e / (e + λ)).
    ///
    /// They come from the eigenvectors of the Gram matrix, `[count, count]`, which is smaller than
    /// the covariance matrix. This loses precision for small variances, where λ dominates anyway.
    private static func components(of matrix: [Double], count: Int, width: Int) -> [Float] {
        ganrm_lapack_use_one_thread()
        var products = Array(repeating: 0.0, count: count * count)
        cblas_dsyrk(
            CblasColMajor, CblasUpper, CblasNoTrans, Int32(count), Int32(width), 1, matrix,
            Int32(count), 0, &products, Int32(count))
        let rank = min(maximumComponentCount, count, width)
        var found: Int32 = 0
        var variances = Array(repeating: 0.0, count: count)
        var vectors = Array(repeating: 0.0, count: count * rank)
        var support = Array(repeating: Int32(0), count: 2 * count)
        let status = LAPACKE_dsyevr(
            LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "I")),
            CChar(UInt8(ascii: "U")), Int32(count), &products, Int32(count), 0, 0,
            Int32(count - rank + 1), Int32(count), 0, &found, &variances, &vectors, Int32(count),
            &support)
        precondition(
            status == 0 && found == rank, "LAPACK found no eigenvalues of \(count) samples")
        var components: [Float] = []
        for k in 0..<rank {
            // With few samples, the smallest eigenvalues are 0.
            let variance = variances[k]
            guard variance > 1e-9 else { continue }
            let scale = (1 / (variance + ridge)).squareRoot()
            var component = Array(repeating: 0.0, count: width)
            cblas_dgemv(
                CblasColMajor, CblasTrans, Int32(count), Int32(width), scale, matrix,
                Int32(count), Array(vectors[k * count..<(k + 1) * count]), 1, 0, &component, 1)
            components += component.map { Float($0) }
        }
        return components
    }
}
