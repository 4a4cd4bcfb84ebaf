internal import CLAPACK

/// A root of the covariance matrix of some embeddings: A, `[k, D]`, with AᵀA = Σ and k ≤ D.
///
/// The covariance itself is never made: its eigenvalues are the squares of what A holds, and squaring
/// would cost half of the digits of the small ones.
struct CovarianceRoot {
    /// The length of an embedding, D.
    let width: Int
    /// k, at most D and at most n.
    private(set) var rowCount: Int
    /// Column after column, as LAPACK has it: element (row, column) is at row + column · rowCount.
    private var elements: [Double]
    /// δ of the shrinkage, 0…1.
    private(set) var intensity = 0.0

    /// - Parameters:
    ///   - embeddings: `[n, D]`, n at least 2, finite, not empty.
    ///   - mean: Theirs, `[D]`.
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

    /// tr((Σ1 Σ2)^½), which is the sum of the singular values of A1 A2ᵀ; nil if LAPACK finds none.
    ///
    /// The eigenvalues of Σ1 Σ2 = A1ᵀA1 A2ᵀA2 are those of (A1 A2ᵀ)(A1 A2ᵀ)ᵀ, but for zeros.
    func traceOfRoot(ofProductWith other: CovarianceRoot) -> Double? {
        var product = times(transposeOf: other)
        let (rows, columns) = (Int32(rowCount), Int32(other.rowCount))
        var singularValues = Array(repeating: 0.0, count: min(rowCount, other.rowCount))
        let status = LAPACKE_dgesdd(
            LAPACK_COL_MAJOR, Self.valuesOnly, rows, columns, &product, rows, &singularValues, nil,
            1, nil, 1)
        return status == 0 ? singularValues.reduce(0, +) : nil
    }

    /// `jobz` N: no singular vectors.
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

    /// Leaves D rows where there are more: A = QR, and RᵀR = AᵀA.
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

    /// The squared length of each row.
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

    /// δ: the estimated error of Σ over its distance from the multiple of the identity.
    ///
    /// - Parameter rowSquares: Of all n rows, before `reduce`.
    private func ledoitWolfIntensity(rowSquares: [Double]) -> Double {
        // Both are scaled alike with Σ, so that n − 1 or n in it is all the same to their ratio.
        let count = Double(rowSquares.count)
        let squareOfNorm = times(transposeOf: self).reduce(0) { $0 + $1 * $1 }
        let error = rowSquares.reduce(0) { $0 + $1 * $1 } - squareOfNorm / count
        let distance = squareOfNorm - trace * trace / Double(width)
        return distance > 0 ? min(max(error / distance, 0), 1) : 0
    }

    /// Puts √(δ tr(Σ)/D) · I under √(1 − δ) A.
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
