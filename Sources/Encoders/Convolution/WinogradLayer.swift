internal import CKernels
internal import Tensors

/// A convolution of windows of 3 × 3 positions by Winograd's algorithm F(2 × 2, 3 × 3), which has 16 multiplications
/// for four outputs of a pair of channels instead of 36.
///
/// A block of 2 × 2 outputs covers 4 × 4 inputs. Their transform has 16 values per channel, which are multiplied with
/// those of the weights as in a linear layer, one for each of 16 planes. The transforms are sums of few values, so that
/// results are about as exact as direct ones.
///
/// Source: Lavin and Gray, arXiv 1509.09308, section 4.1.
struct WinogradLayer: Sendable {
    /// For each plane, weights `[out, frames · in]`.
    private let planes: [LinearLayer]
    /// `[out]`
    private nonisolated(unsafe) let bias: AlignedBuffer

    private static let planeCount = GANRM_WINOGRAD_PLANES

    /// Whether a convolution can be computed so, and is faster: with few channels, transforms cost more than they save.
    static func isSuited(_ window: Window, channels: Int) -> Bool {
        window.kernel.height == 3 && window.kernel.width == 3 && window.stride.height == 1
            && window.stride.width == 1 && channels >= 16
    }

    /// Transforms and packs weights.
    ///
    /// - Parameters:
    ///   - outputs: `[out, frames, 3, 3, in]`
    ///   - channels: Number of input channels.
    init(_ outputs: LayerOutputs, channels: Int, kernels: ganrm_kernels) {
        let count = outputs.bias.count
        let inner = outputs.weights.elementCount / count / 9
        let values = outputs.weights.floats()
        planes = (0..<Self.planeCount).map { plane in
            // Plane 4 · y + x is the element (y, x) of G · g · Gᵀ.
            let coefficients = (0..<9).map {
                Self.transform[plane / 4][$0 / 3] * Self.transform[plane % 4][$0 % 3]
            }
            let transformed = (0..<count * inner).map { index -> Float in
                let (row, channel) = index.quotientAndRemainder(dividingBy: channels)
                var sum = 0.0
                for position in 0..<9 {
                    sum +=
                        coefficients[position]
                        * Double(values[(row * 9 + position) * channels + channel])
                }
                return Float(sum * Double(outputs.factors?[index / inner] ?? 1))
            }
            return LinearLayer(
                [
                    LayerOutputs(
                        weights: StoredTensor(transformed, shape: [count, inner]),
                        bias: Array(repeating: 0, count: count))
                ], dtype: GANRM_F32, kernels: kernels)
        }
        bias = AlignedBuffer(byteCount: 4 * count)
        bias.pointer(to: Float.self).update(from: outputs.bias, count: count)
    }

    /// G
    private static let transform: [[Double]] = [
        [1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1],
    ]

    /// Number of blocks that cover the outputs of an input.
    static func blockCount(_ output: Extent) -> Int {
        output.frames * ((output.height + 1) / 2) * ((output.width + 1) / 2)
    }

    /// Blocks of a task: as many as fit in the cache with their products.
    var blocksPerTask: Int {
        let bytes = Self.planeCount * 4 * (planes[0].inner + planes[0].columns)
        return min(max(Self.cacheBytes / bytes / 12, 2), 8) * 12
    }

    /// The second-level cache of a core has 1 MiB on Zen 4 and 2 MiB on Sapphire Rapids.
    private static let cacheBytes = 1 << 20

    /// Computes some blocks of outputs.
    ///
    /// - Parameters:
    ///   - blocks: Their indices among those of all inputs.
    ///   - output: The first position of the outputs, rows `stride` elements apart.
    func callAsFunction(
        _ blocks: Range<Int>, of windows: ganrm_windows, rectifies: Bool,
        into output: UnsafeMutablePointer<Float>, stride: Int, worker: Worker,
        kernels: ganrm_kernels
    ) {
        let (inner, columns) = (planes[0].inner, planes[0].columns)
        let (first, count) = (Int64(blocks.lowerBound), Int64(blocks.count))
        var windows = windows
        // Rows and planes that do not evict each other from the cache.
        func reserve(_ buffer: AlignedBuffer, width: Int) -> (row: Int, plane: Int) {
            let row = GANRM_F32.rowStride(width)
            let plane = GANRM_F32.rowStride(blocks.count * row)
            buffer.reserve(byteCount: 4 * Self.planeCount * plane)
            return (row, plane)
        }
        let input = reserve(worker.layerInput, width: inner)
        kernels.winograd_input(
            &windows, first, count, worker.layerInput.pointer(to: Float.self), Int64(input.row),
            Int64(input.plane))
        worker.lap(.rest)
        let made = reserve(worker.activations, width: columns)
        let products = worker.activations.pointer(to: Float.self)
        for (plane, layer) in planes.enumerated() {
            layer(
                LayerInput(
                    base: worker.layerInput.base + 4 * plane * input.plane, count: blocks.count,
                    stride: 4 * input.row),
                into: products + plane * made.plane, stride: made.row, GANRM_STORE_F32,
                kernels: kernels)
        }
        worker.lap(.linear)
        var all = ganrm_winograd_products(
            values: products, stride: Int64(made.row), plane_stride: Int64(made.plane),
            columns: Int64(columns), bias: bias.pointer(to: Float.self), rectifies: rectifies)
        kernels.winograd_output(&windows, &all, first, count, output, Int64(stride))
        worker.lap(.rest)
    }
}
