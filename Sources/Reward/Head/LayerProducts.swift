import CKernels

/// Matrix products of a few examples with a layer's weights, on this package's kernels.
///
/// A BLAS repacks the weights for every product, which costs more than multiplying them with
/// sixteen examples, and an old OpenBLAS does not support a new CPU (Debian 12's, 0.3.21, runs SSE3
/// code on Emerald Rapids). Here a vector register holds the same element of sixteen examples, so
/// that each example's sums are computed in the same order for any batch and thread count: threads
/// divide the output elements, never a sum.
package final class LayerProducts {
    /// Examples per pass over the weights.
    static let lanes = Int(GANRM_HEAD_LANES)

    private let kernels = ganrm_kernels_in_use().pointee
    private let input: FloatBuffer
    private let output: FloatBuffer

    /// - Parameter largestWidth: The largest input or output width.
    package init(largestWidth: Int) {
        input = FloatBuffer(count: Self.lanes * largestWidth)
        output = FloatBuffer(count: Self.lanes * largestWidth)
    }

    /// `out = x · weightsᵀ`.
    ///
    /// - Parameters: `x`: `[rows, inner]`; `weights`: `[columns, inner]`; `out`: `[rows, columns]`.
    package func forward(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
        into out: UnsafeMutablePointer<Float>, rows: Int, columns: Int, inner: Int
    ) {
        for start in stride(from: 0, to: rows, by: Self.lanes) {
            let used = min(Self.lanes, rows - start)
            interleave(x + start * inner, rows: used, width: inner)
            HeadThreads.share(columns) { [input, output, kernels] part in
                kernels.head_forward(
                    weights + part.lowerBound * inner, input.start,
                    output.start + part.lowerBound * Self.lanes, part.count, inner)
            }
            deinterleave(out + start * columns, rows: used, width: columns)
        }
    }

    /// `out = x · weights`.
    ///
    /// - Parameters: `x`: `[rows, columns]`; `weights`: `[columns, inner]`; `out`: `[rows, inner]`.
    package func backward(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
        into out: UnsafeMutablePointer<Float>, rows: Int, columns: Int, inner: Int
    ) {
        for start in stride(from: 0, to: rows, by: Self.lanes) {
            let used = min(Self.lanes, rows - start)
            interleave(x + start * columns, rows: used, width: columns)
            HeadThreads.share(inner) { [input, output, kernels] part in
                kernels.head_backward(
                    weights + part.lowerBound, input.start,
                    output.start + part.lowerBound * Self.lanes, columns, part.count, inner)
            }
            deinterleave(out + start * inner, rows: used, width: inner)
        }
    }

    /// Copies row-major `x` into lanes; lanes without a row are set to zero.
    private func interleave(_ x: UnsafePointer<Float>, rows: Int, width: Int) {
        let lanes = Self.lanes
        for row in 0..<rows {
            let x = x + row * width
            for i in 0..<width { input.start[i * lanes + row] = x[i] }
        }
        for row in rows..<lanes {
            for i in 0..<width { input.start[i * lanes + row] = 0 }
        }
    }

    /// Copies lanes into row-major `x`.
    private func deinterleave(_ x: UnsafeMutablePointer<Float>, rows: Int, width: Int) {
        let lanes = Self.lanes
        for row in 0..<rows {
            let x = x + row * width
            for i in 0..<width { x[i] = output.start[i * lanes + row] }
        }
    }
}
