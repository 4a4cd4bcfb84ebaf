internal import CKernels
internal import Tensors

/// A linear layer: packed weights and bias.
final class LinearLayer: Sendable {
    /// Input width (in_features).
    let inner: Int
    /// Output width (out_features).
    let columns: Int
    let dtype: ganrm_dtype
    /// Quantization groups along the inner dimension; 1 unless the dtype is int8.
    let groups: Int
    private nonisolated(unsafe) let panels: AlignedBuffer
    private nonisolated(unsafe) let bias: AlignedBuffer
    private nonisolated(unsafe) let scales: AlignedBuffer
    private nonisolated(unsafe) let weightSums: AlignedBuffer
    private let pairing: CellPairing?

    /// Packs weights, converting them to `dtype`.
    ///
    /// - Parameters:
    ///   - outputs: Projections whose outputs are concatenated.
    ///   - inputFactors: Factor for the weights of each input, `[inner]`. Nil means 1.
    ///   - groups: Quantization groups; ignored unless the dtype is int8 and each group is a
    ///     multiple of 4.
    ///   - kernels: The kernels that the layer will be applied with.
    init(
        _ outputs: [LayerOutputs], inputFactors: [Float]? = nil, dtype: ganrm_dtype,
        groups: Int = 1, kernels: ganrm_kernels
    ) {
        let bias = outputs.flatMap(\.bias)
        columns = bias.count
        inner = outputs[0].weights.elementCount / outputs[0].bias.count
        self.dtype = dtype
        self.groups = dtype == GANRM_INT8 && inner.isMultiple(of: 4 * groups) ? groups : 1
        let padded = Int(ganrm_padded_columns(Int64(columns)))
        panels = AlignedBuffer(
            zeros: Int(ganrm_panel_bytes(dtype, Int64(inner), Int64(columns))))
        self.bias = AlignedBuffer(zeros: padded * 4)
        scales = AlignedBuffer(zeros: dtype == GANRM_INT8 ? self.groups * padded * 4 : 0)
        weightSums = AlignedBuffer(zeros: dtype == GANRM_INT8 ? self.groups * padded * 4 : 0)
        self.bias.pointer(to: Float.self).update(from: bias, count: columns)
        let addsPairs = dtype == GANRM_INT8 && kernels.adds_int8_pairs
        pairing = addsPairs ? CellPairing(inner: inner, columns: columns, groups: self.groups) : nil
        var first = 0
        for output in outputs {
            pack(output, inputFactors, first: first)
            first += output.bias.count
        }
        pairing?.pair(panels)
    }

    private func pack(_ outputs: LayerOutputs, _ inputFactors: [Float]?, first: Int) {
        precondition(outputs.weights.elementCount == outputs.bias.count * inner)
        outputs.weights.withFloats { values in
            outputs.factors.withPointer { factors in
                inputFactors.withPointer { inputFactors in
                    var unpacked = ganrm_unpacked_weights(
                        rows: Int64(outputs.bias.count), values: values.baseAddress,
                        row_factors: factors, inner_factors: inputFactors)
                    ganrm_weights_pack(
                        &unpacked, dtype, Int64(inner), Int64(columns), Int64(first), Int64(groups),
                        pairing != nil, panels.base, scales.pointer(to: Float.self),
                        weightSums.pointer(to: Float.self))
                }
            }
        }
    }

    /// `inner`, padded to whole cells.
    var paddedInner: Int {
        Int(ganrm_cell_count(dtype, Int64(inner))) * 4 / dtype.byteCount
    }

    /// Applies the layer to a tile.
    ///
    /// - Parameters:
    ///   - rows: Input in the layer's dtype.
    ///   - output: Receives `[rows, columns]`.
    ///   - stride: Row stride of the output, in elements; nil means `columns`.
    func callAsFunction(
        _ rows: LayerInput, activation: ganrm_activation = GANRM_NO_ACTIVATION,
        into output: UnsafeMutableRawPointer, stride: Int? = nil,
        _ destination: ganrm_destination, kernels: ganrm_kernels
    ) {
        var args = ganrm_linear_args(
            rows: Int64(rows.count), x: rows.base, stride: Int64(rows.stride),
            quantization: rows.quantization, activation: activation, destination: destination,
            out: output,
            out_stride: Int64(stride ?? columns))
        var packed = ganrm_linear_weights(
            dtype: dtype, inner: Int64(inner), columns: Int64(columns), groups: Int64(groups),
            panels: panels.base, bias: bias.pointer(to: Float.self),
            scales: scales.pointer(to: Float.self),
            weight_sums: weightSums.pointer(to: Float.self),
            offsets: pairing?.offsets.pointer(to: UInt16.self),
            paired: pairing?.paired.pointer(to: UInt16.self))
        kernels.linear(&args, &packed)
    }
}

/// The order of int8 weights at levels that add products in 16 bits.
private struct CellPairing: @unchecked Sendable {
    let inner, columns, groups: Int
    let offsets, paired: AlignedBuffer

    init(inner: Int, columns: Int, groups: Int) {
        precondition(inner / groups <= 65536)
        self.inner = inner
        self.columns = columns
        self.groups = groups
        let panels = Int(ganrm_padded_columns(Int64(columns))) / Int(GANRM_PANEL_COLUMNS)
        let cells = Int(ganrm_cell_count(GANRM_INT8, Int64(inner)))
        offsets = AlignedBuffer(zeros: panels * cells * 2)
        paired = AlignedBuffer(zeros: panels * groups * 2)
    }

    /// Reorders the packed weights of all columns.
    func pair(_ panels: AlignedBuffer) {
        let scratch = AlignedBuffer(
            zeros: Int(ganrm_weights_pair_scratch(Int64(inner), Int64(groups))))
        ganrm_weights_pair(
            Int64(inner), Int64(columns), Int64(groups), panels.base,
            offsets.pointer(to: UInt16.self), paired.pointer(to: UInt16.self), scratch.base)
    }
}

/// A projection as stored in a checkpoint: some or all of a layer's outputs.
struct LayerOutputs {
    /// `[outputs, inputs]`; the inputs may have several axes.
    let weights: StoredTensor
    /// `[outputs]`, already multiplied by `factors`.
    let bias: [Float]
    /// Factor for the weights of each output, `[outputs]`. Nil means 1.
    let factors: [Float]?

    init(weights: StoredTensor, bias: [Float], factors: [Float]? = nil) {
        self.weights = weights
        self.bias = factors.map { zip(bias, $0).map(*) } ?? bias
        self.factors = factors
    }

    /// - Parameter shifts: What is added to the outputs, not multiplied by `factors`.
    init(weights: StoredTensor, shifts: [Float], factors: [Float]) {
        self.weights = weights
        bias = shifts
        self.factors = factors
    }
}

extension Optional<[Float]> {
    fileprivate func withPointer(_ body: (UnsafePointer<Float>?) -> Void) {
        guard let self else { return body(nil) }
        self.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}

/// Input rows of a linear layer.
struct LayerInput {
    let base: UnsafeRawPointer
    let count: Int
    /// Row stride in bytes, a multiple of 4.
    let stride: Int
    /// Quantization of each group of each row, `[groups, rows]`; int8 only.
    var quantization: UnsafePointer<ganrm_quantization>?
}
