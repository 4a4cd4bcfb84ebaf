internal import CLAPACK

/// The estimate of the squared maximum mean discrepancy of two samples, with the polynomial kernel of
/// KID.
enum KernelEstimate {
    /// Rows of the kernel matrix that are computed at once.
    private static let tile = 256

    /// The unbiased estimate: the means of the kernel over pairs of different samples of one set,
    /// minus twice the mean over pairs of both sets.
    ///
    /// - Parameters:
    ///   - first: `[m, D]`, m at least 2.
    ///   - second: `[m, D]`.
    static func unbiased(_ first: [[Float]], _ second: [[Float]]) -> Double {
        ganrm_lapack_use_one_thread()
        let count = first.count
        let dimension = first[0].count
        let (x, y) = (first.flatMap { $0.map(Double.init) }, second.flatMap { $0.map(Double.init) })
        let pairs = Double(count) * Double(count - 1)
        // Pairs (i, j) with i < j are half of all.
        let within = [x, y].map { 2 * sum($0, $0, count, dimension, above: true) / pairs }
        let between = sum(x, y, count, dimension, above: false) / (Double(count) * Double(count))
        return within[0] + within[1] - 2 * between
    }

    /// Σ k(xᵢ, yⱼ) over all i and j, or over i < j.
    private static func sum(
        _ x: [Double], _ y: [Double], _ count: Int, _ dimension: Int, above: Bool
    ) -> Double {
        var sum = 0.0
        var products = Array(repeating: 0.0, count: tile * count)
        for start in stride(from: 0, to: count, by: tile) {
            let rows = min(tile, count - start)
            let first = above ? start : 0
            x.withUnsafeBufferPointer { x in
                y.withUnsafeBufferPointer { y in
                    // Samples are columns: [rows, D] · [D, count − first], divided by D.
                    cblas_dgemm(
                        CblasColMajor, CblasTrans, CblasNoTrans, Int32(rows),
                        Int32(count - first), Int32(dimension), 1 / Double(dimension),
                        x.baseAddress! + start * dimension, Int32(dimension),
                        y.baseAddress! + first * dimension, Int32(dimension), 0, &products,
                        Int32(rows))
                }
            }
            for column in first..<count {
                let end = above ? min(rows, column - start) : rows
                var columnSum = 0.0
                for row in 0..<end {
                    let value = products[row + (column - first) * rows] + 1
                    columnSum += value * value * value
                }
                sum += columnSum
            }
        }
        return sum
    }
}
