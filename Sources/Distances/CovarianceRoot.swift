internal import CLAPACK
internal import Files

/// A root A, `[k, D]`, of a positive semidefinite matrix: AᵀA is a scatter matrix
/// Σᵢ (xᵢ − μ)(xᵢ − μ)ᵀ of features, or a covariance matrix.
///
/// The matrix itself need not be computed. Its eigenvalues are the squares of A's singular values,
/// and squaring would lose half of the digits of the small ones.
struct CovarianceRoot: Sendable {
    /// The length of a feature vector, D.
    let width: Int
    /// k.
    private(set) var rowCount: Int
    /// A in column-major order, as LAPACK expects: element (row, column) has the index
    /// row + column · rowCount.
    private(set) var elements: [Double]

    /// - Parameter elements: `[rowCount, width]` in column-major order.
    init(width: Int, rowCount: Int, elements: [Double]) {
        precondition(elements.count == width * rowCount)
        self.width = width
        self.rowCount = rowCount
        self.elements = elements
    }

    /// The root of a covariance matrix by Cholesky decomposition, or by eigenvalues if the matrix is
    /// singular; nil if it is not positive semidefinite.
    ///
    /// Eigenvalues below D · 2⁻⁵² of the largest are rounding errors of 0 and left out, as in
    /// `numpy.linalg.matrix_rank`: their roots would be 10⁻⁸ of the largest root, and D of them
    /// would add up. Those down to −10⁻⁵ of the largest are taken for errors of a covariance that
    /// was computed in float32.
    ///
    /// - Parameters:
    ///   - covariance: `[width, width]`, symmetric and finite.
    ///   - width: At least 1.
    init?(ofCovariance covariance: [Double], width: Int) {
        ganrm_lapack_use_one_thread()
        let size = Int32(width)
        let lower = CChar(UInt8(ascii: "L"))
        let tolerance = Double(width) * 0x1p-52
        var factor = covariance
        if LAPACKE_dpotrf(LAPACK_COL_MAJOR, lower, size, &factor, size) == 0 {
            // Σ = LLᵀ, so that A = Lᵀ.
            let pivots = (0..<width).map { factor[$0 + $0 * width] }
            let largest = pivots.reduce(0, max)
            if pivots.allSatisfy({ $0 * $0 > tolerance * largest * largest }) {
                self.init(width: width, rowCount: width, elements: factor)
                for column in 0..<width {
                    for row in 0..<width {
                        elements[row + column * width] =
                            row <= column ? factor[column + row * width] : 0
                    }
                }
                return
            }
        }
        var vectors = covariance
        var values = Array(repeating: 0.0, count: width)
        let status = LAPACKE_dsyevd(
            LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), lower, size, &vectors, size, &values)
        let largest = values.last ?? 0
        guard status == 0, values[0] >= -1e-5 * max(largest, 0) else { return nil }
        // The eigenvalues are in ascending order; A = √Λ Vᵀ.
        let first = values.firstIndex { $0 > tolerance * largest } ?? width
        let rank = width - first
        var root = Array(repeating: 0.0, count: rank * width)
        for row in 0..<rank {
            let deviation = values[first + row].squareRoot()
            for column in 0..<width {
                root[row + column * rank] = deviation * vectors[column + (first + row) * width]
            }
        }
        self.init(width: width, rowCount: rank, elements: root)
    }

    /// tr(AᵀA).
    var trace: Double { elements.reduce(0) { $0 + $1 * $1 } }

    /// AᵀA, `[D, D]`, exactly symmetric.
    var product: [Double] {
        ganrm_lapack_use_one_thread()
        let size = Int32(width)
        var product = Array(repeating: 0.0, count: width * width)
        guard rowCount > 0 else { return product }
        cblas_dsyrk(
            CblasColMajor, CblasLower, CblasTrans, size, Int32(rowCount), 1, elements,
            Int32(rowCount), 0, &product, size)
        for column in 0..<width {
            for row in column..<width {
                product[column + row * width] = product[row + column * width]
            }
        }
        return product
    }

    /// The eigenvalues of AᵀA that are not 0 by its rank, ascending; nil if LAPACK does not
    /// converge.
    var eigenvalues: [Double]? {
        guard rowCount > 0 else { return [] }
        // Of AᵀA and AAᵀ, the smaller one.
        let size = min(rowCount, width)
        var product = size == width ? self.product : times(transposeOf: self)
        var values = Array(repeating: 0.0, count: size)
        let status = LAPACKE_dsyevd(
            LAPACK_COL_MAJOR, Self.valuesOnly, CChar(UInt8(ascii: "L")), Int32(size), &product,
            Int32(size), &values)
        return status == 0 ? values : nil
    }

    /// ‖AᵀA‖², the sum of the squared elements.
    var squareOfNorm: Double {
        (rowCount < width ? times(transposeOf: self) : product).reduce(0) { $0 + $1 * $1 }
    }

    /// tr((Σ1 Σ2)^½), which is the sum of the singular values of A1 A2ᵀ; nil if LAPACK does not
    /// converge.
    ///
    /// The nonzero eigenvalues of Σ1 Σ2 = A1ᵀA1 A2ᵀA2 are those of (A1 A2ᵀ)(A1 A2ᵀ)ᵀ.
    func traceOfRoot(ofProductWith other: CovarianceRoot) -> Double? {
        guard rowCount > 0, other.rowCount > 0 else { return 0 }
        var product = times(transposeOf: other)
        let (rows, columns) = (Int32(rowCount), Int32(other.rowCount))
        var singularValues = Array(repeating: 0.0, count: min(rowCount, other.rowCount))
        let status = LAPACKE_dgesdd(
            LAPACK_COL_MAJOR, Self.valuesOnly, rows, columns, &product, rows, &singularValues, nil,
            1, nil, 1)
        return status == 0 ? singularValues.reduce(0, +) : nil
    }

    /// LAPACK's `jobz` for singular values or eigenvalues without vectors.
    private static let valuesOnly = CChar(UInt8(ascii: "N"))

    /// A1 A2ᵀ, `[k1, k2]`.
    private func times(transposeOf other: CovarianceRoot) -> [Double] {
        ganrm_lapack_use_one_thread()
        var product = Array(repeating: 0.0, count: rowCount * other.rowCount)
        cblas_dgemm(
            CblasColMajor, CblasNoTrans, CblasTrans, Int32(rowCount), Int32(other.rowCount),
            Int32(width), 1, elements, Int32(rowCount), other.elements, Int32(other.rowCount), 0,
            &product, Int32(rowCount))
        return product
    }

    /// AᵀA v and vᵀAᵀA v, for a vector v, `[D]`.
    func times(_ vector: [Double]) -> (product: [Double], form: Double) {
        var image = Array(repeating: 0.0, count: rowCount)
        for column in 0..<width {
            for row in 0..<rowCount {
                image[row] += elements[row + column * rowCount] * vector[column]
            }
        }
        let product = (0..<width).map { column in
            (0..<rowCount).reduce(0.0) { $0 + elements[$1 + column * rowCount] * image[$1] }
        }
        return (product, image.reduce(0) { $0 + $1 * $1 })
    }

    func scaled(by factor: Double) -> CovarianceRoot {
        CovarianceRoot(width: width, rowCount: rowCount, elements: elements.map { $0 * factor })
    }

    /// The root of the sum of both matrices and of `row` · `row`ᵀ: A, B and the row on top of each
    /// other, reduced to D rows if there are more.
    ///
    /// - Throws: `DistanceError.outOfMemory`.
    func stacked(
        on other: CovarianceRoot, and row: [Double]? = nil
    ) throws(DistanceError) -> CovarianceRoot {
        let height = rowCount + other.rowCount + (row == nil ? 0 : 1)
        guard let size = Checked.product(height, width), size <= Int(Int32.max),
            Memory.isAvailable(Checked.product(2, size, MemoryLayout<Double>.size))
        else { throw .outOfMemory(dimension: width) }
        var stacked = [Double](unsafeUninitializedCapacity: size) { buffer, count in
            var index = 0
            for column in 0..<width {
                for part in [self, other] {
                    let first = column * part.rowCount
                    for element in part.elements[first..<first + part.rowCount] {
                        buffer.initializeElement(at: index, to: element)
                        index += 1
                    }
                }
                if let row {
                    buffer.initializeElement(at: index, to: row[column])
                    index += 1
                }
            }
            count = index
        }
        let rows = Self.reduce(&stacked, rowCount: height, width: width)
        return CovarianceRoot(width: width, rowCount: rows, elements: stacked)
    }

    /// A with at most D rows.
    var reduced: CovarianceRoot {
        var elements = elements
        let rows = Self.reduce(&elements, rowCount: rowCount, width: width)
        return CovarianceRoot(width: width, rowCount: rows, elements: elements)
    }

    /// Reduces A to at most D rows, and returns their number: A = QR, and RᵀR = AᵀA.
    private static func reduce(_ elements: inout [Double], rowCount: Int, width: Int) -> Int {
        guard rowCount > width else { return rowCount }
        ganrm_lapack_use_one_thread()
        var reflections = Array(repeating: 0.0, count: width)
        let status = LAPACKE_dgeqrf(
            LAPACK_COL_MAJOR, Int32(rowCount), Int32(width), &elements, Int32(rowCount),
            &reflections)
        precondition(status == 0, "LAPACK refused a matrix of \(rowCount) × \(width)")
        var triangle = Array(repeating: 0.0, count: width * width)
        for column in 0..<width {
            for row in 0...column {
                triangle[row + column * width] = elements[row + column * rowCount]
            }
        }
        elements = triangle
        return width
    }

    /// The root of (1 − δ) AᵀA + δ tr(AᵀA)/D · I: √(1 − δ) A on top of √(δ tr(AᵀA)/D) · I.
    ///
    /// - Parameter intensity: δ, 0…1.
    /// - Throws: `DistanceError.outOfMemory`.
    func shrunk(by intensity: Double) throws(DistanceError) -> CovarianceRoot {
        guard intensity > 0 else { return self }
        guard Memory.isAvailable(Checked.product(3, width, width, MemoryLayout<Double>.size)) else {
            throw .outOfMemory(dimension: width)
        }
        let deviation = (intensity * trace / Double(width)).squareRoot()
        var diagonal = Array(repeating: 0.0, count: width * width)
        for index in 0..<width { diagonal[index + index * width] = deviation }
        return try scaled(by: (1 - intensity).squareRoot()).stacked(
            on: CovarianceRoot(width: width, rowCount: width, elements: diagonal))
    }
}
