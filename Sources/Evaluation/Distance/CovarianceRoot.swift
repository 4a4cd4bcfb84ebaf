internal import CLAPACK

/// A square root of the covariance matrix Σ of a set of embeddings: A, `[k, D]`, where AᵀA = Σ and
/// k ≤ D.
///
/// The covariance matrix itself is never computed. Its eigenvalues are the squares of A's singular
/// values, and squaring would lose half of the digits of the small ones.
struct CovarianceRoot {
    /// The length of an embedding, D.
    let width: Int
    /// k, at most D, and at most n without shrinkage.
    private(set) var rowCount: Int
    /// A in column-major order, as LAPACK expects: element (row, column) has the index
    /// row + column · rowCount.
    private var elements: [Double]
    /// Shrinkage intensity δ, 0…1.
    private(set) var intensity = 0.0

    /// Computes the root for a set of embeddings.
    ///
    /// - Parameters:
    ///   - embeddings: `[n, D]`, n at least 2, finite, not empty.
    ///   - mean: Mean of the embeddings, `[D]`.
    init(of embeddings: [[Float]], mean: [Double], shrinkage: CovarianceShrinkage) {
        width = mean.count
        rowCount = embeddings.count
        elements = Array(repeating: 0, count: rowCount * width)
        let scale = 1 / Double(rowCount - 1).squareRoot()
        for column in 0..<width {
            for row in 0..<rowCount {
                let deviation = Double(embeddings[row][column]) - mean[column]
                elements[row + column * rowCount] = deviation * scale
            }
        }
        switch shrinkage {
        case .none:
            reduce()
        case .ledoitWolf:
            let squares = rowSquares
            reduce()
            shrink(by: ledoitWolfIntensity(rowSquares: squares))
        }
    }

    /// tr(Σ), the total variance.
    var trace: Double { elements.reduce(0) { $0 + $1 * $1 } }

    /// tr((Σ1 Σ2)^½), which is the sum of the singular values of A1 A2ᵀ; nil if LAPACK does not
    /// converge.
    ///
    /// The nonzero eigenvalues of Σ1 Σ2 = A1ᵀA1 A2ᵀA2 are those of (A1 A2ᵀ)(A1 A2ᵀ)ᵀ.
    func traceOfRoot(ofProductWith other: CovarianceRoot) -> Double? {
        var product = times(transposeOf: other)
        let (rows, columns) = (Int32(rowCount), Int32(other.rowCount))
        var singularValues = Array(repeating: 0.0, count: min(rowCount, other.rowCount))
        let status = LAPACKE_dgesdd(
            LAPACK_COL_MAJOR, Self.valuesOnly, rows, columns, &product, rows, &singularValues, nil,
            1, nil, 1)
        return status == 0 ? singularValues.reduce(0, +) : nil
    }

    /// LAPACK's `jobz` for singular values without vectors.
    private static let valuesOnly = CChar(UInt8(ascii: "N"))

    /// A1 A2ᵀ, `[k1, k2]`.
    private func times(transposeOf other: CovarianceRoot) -> [Double] {
        var product = Array(repeating: 0.0, count: rowCount * other.rowCount)
        cblas_dgemm(
            CblasColMajor, CblasNoTrans, CblasTrans, Int32(rowCount), Int32(other.rowCount),
            Int32(width), 1, elements, Int32(rowCount), other.elements, Int32(other.rowCount), 0,
            &product, Int32(rowCount))
        return product
    }

    /// Reduces A to at most D rows: A = QR, and RᵀR = AᵀA.
    private mutating func reduce() {
        guard rowCount > width else { return }
        var reflections = Array(repeating: 0.0, count: width)
        let status = LAPACKE_dgeqrf(
            LAPACK_COL_MAJOR, Int32(rowCount), Int32(width), &elements,
            Int32(rowCount), &reflections)
        precondition(status == 0, "LAPACK refused a matrix of \(rowCount) × \(width)")
        var triangle = Array(repeating: 0.0, count: width * width)
        for column in 0..<width {
            for row in 0...column {
                triangle[row + column * width] = elements[row + column * rowCount]
            }
        }
        elements = triangle
        rowCount = width
    }

    /// The squared norm of each row.
    private var rowSquares: [Double] {
        var squares = Array(repeating: 0.0, count: rowCount)
        for column in 0..<width {
            for row in 0..<rowCount {
                let element = elements[row + column * rowCount]
                squares[row] += element * element
            }
        }
        return squares
    }

    /// The shrinkage intensity δ: the estimated error of Σ divided by its distance from the
    /// multiple of the identity.
    ///
    /// - Parameter rowSquares: Squared norms of all n rows, before `reduce`.
    private func ledoitWolfIntensity(rowSquares: [Double]) -> Double {
        // Both scale with Σ², so their ratio is the same for a divisor of n − 1 or n in Σ.
        let count = Double(rowSquares.count)
        let squareOfNorm = times(transposeOf: self).reduce(0) { $0 + $1 * $1 }
        let error = rowSquares.reduce(0) { $0 + $1 * $1 } - squareOfNorm / count
        let distance = squareOfNorm - trace * trace / Double(width)
        return distance > 0 ? min(max(error / distance, 0), 1) : 0
    }

    /// Replaces A by √(1 − δ) A stacked on √(δ tr(Σ)/D) · I.
    private mutating func shrink(by intensity: Double) {
        self.intensity = intensity
        guard intensity > 0 else { return }
        let height = rowCount + width
        let diagonal = (intensity * trace / Double(width)).squareRoot()
        let scale = (1 - intensity).squareRoot()
        var stacked = Array(repeating: 0.0, count: height * width)
        for column in 0..<width {
            for row in 0..<rowCount {
                stacked[row + column * height] = scale * elements[row + column * rowCount]
            }
            stacked[rowCount + column + column * height] = diagonal
        }
        elements = stacked
        rowCount = height
        reduce()
    }
}
