import COpenBLAS

/// Matrix products on OpenBLAS, always on one thread: how OpenBLAS shares a product among threads
/// changes the order of sums and with it the last bits.
enum LinearAlgebra {
    private static let oneThread: Void = openblas_set_num_threads(1)

    /// `c = a · bᵀ`; `a`: `[rows, inner]`, `b`: `[columns, inner]`, `c`: `[rows, columns]`.
    static func multiplyTransposed(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>,
        rows: Int, columns: Int, inner: Int
    ) {
        oneThread
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(columns),
            blasint(inner), 1, a, blasint(inner), b, blasint(inner), 0, c, blasint(columns))
    }

    /// `c = a · b`; `a`: `[rows, inner]`, `b`: `[inner, columns]`, `c`: `[rows, columns]`.
    static func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>,
        rows: Int, columns: Int, inner: Int
    ) {
        oneThread
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(columns),
            blasint(inner), 1, a, blasint(inner), b, blasint(columns), 0, c, blasint(columns))
    }

    /// `c = aᵀ · b`; `a`: `[inner, rows]`, `b`: `[inner, columns]`, `c`: `[rows, columns]`.
    static func multiplyTransposing(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>,
        rows: Int, columns: Int, inner: Int
    ) {
        oneThread
        cblas_sgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, blasint(rows), blasint(columns),
            blasint(inner), 1, a, blasint(rows), b, blasint(columns), 0, c, blasint(columns))
    }
}
