internal import CLAPACK
import Reward
import Tensors

/// Finds the metric of a set of embeddings.
enum MetricFit {
    /// λ: the share of a number's variance that every direction gets.
    static let ridge = 0.3
    /// Most principal components: with 64 of 1536 numbers, new sources and failures are told apart as well as
    /// with all.
    private static let componentCount = 64
    /// Most samples that the components are made of, spread evenly.
    private static let largestCount = 1024
    /// Least deviation of a number, by the median one.
    private static let leastDeviationShare = 0.01

    /// - Parameter set: `[n, D]`, n at least 1, finite.
    static func metric(of set: [[Float]]) -> MahalanobisDistance {
        let embeddings =
            set.count > largestCount
            ? (0..<largestCount).map { set[$0 * set.count / largestCount] } : set
        let count = embeddings.count
        let width = embeddings[0].count
        var means = Array(repeating: 0.0, count: width)
        var squares = Array(repeating: 0.0, count: width)
        for embedding in embeddings {
            for i in 0..<width { means[i] += Double(embedding[i]) / Double(count) }
        }
        for embedding in embeddings {
            for i in 0..<width {
                let difference = Double(embedding[i]) - means[i]
                squares[i] += difference * difference / Double(count)
            }
        }
        // A number that hardly varies would give every new sample away.
        let median = quantile(0.5, ofSorted: squares.sorted())
        let least = median > 0 ? leastDeviationShare * median.squareRoot() : 1
        let deviations = squares.map { max($0.squareRoot(), least) }

        // Column-major [count, width], over √count: C is its product with itself.
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

    /// The principal components, the smallest first, each times √(e / (e + λ)); `[r, width]`.
    ///
    /// By way of the samples' inner products, of which there are fewer than covariances: those of a component are an
    /// eigenvector of them. That squares what is small, which λ covers.
    private static func components(of matrix: [Double], count: Int, width: Int) -> [Float] {
        var products = Array(repeating: 0.0, count: count * count)
        cblas_dsyrk(
            CblasColMajor, CblasUpper, CblasNoTrans, Int32(count), Int32(width), 1, matrix,
            Int32(count), 0, &products, Int32(count))
        let rank = min(componentCount, count, width)
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
            // The last ones of few samples have no variance.
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
