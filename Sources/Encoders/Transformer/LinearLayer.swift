internal import CKernels
internal import Tensors

/// A linear layer's weights, packed for the kernels, and its bias.
final class LinearLayer: Sendable {
    let inner: Int
    let columns: Int
    let number: ganrm_number
    /// Of a row, each with bytes' scales of its own.
    let parts: Int
    private nonisolated(unsafe) let panels: AlignedBuffer
    private nonisolated(unsafe) let bias: AlignedBuffer
    private nonisolated(unsafe) let scales: AlignedBuffer
    private nonisolated(unsafe) let sums: AlignedBuffer

    /// Packs weights, rounding them to `number`.
    ///
    /// - Parameters:
    ///   - outputs: One after the other.
    ///   - inputFactors: What the weights of each input are multiplied by; nil: nothing.
    ///   - parts: More than one are for bytes, if `inner` has as many of whole cells.
    init(
        _ outputs: [LayerOutputs], inputFactors: [Float]? = nil, number: ganrm_number,
        parts: Int = 1
    ) {
        let bias = outputs.flatMap(\.bias)
        columns = bias.count
        inner = outputs[0].weights.elementCount / outputs[0].bias.count
        self.number = number
        self.parts = number == GANRM_INT8 && inner.isMultiple(of: 4 * parts) ? parts : 1
        let padded = Int(ganrm_padded_columns(Int64(columns)))
        panels = AlignedBuffer(
            zeros: Int(ganrm_panel_bytes(number, Int64(inner), Int64(columns))))
        self.bias = AlignedBuffer(zeros: padded * 4)
        scales = AlignedBuffer(zeros: number == GANRM_INT8 ? self.parts * padded * 4 : 0)
        sums = AlignedBuffer(zeros: number == GANRM_INT8 ? self.parts * padded * 4 : 0)
        self.bias.pointer(to: Float.self).update(from: bias, count: columns)
        var first = 0
        for output in outputs {
            pack(output, inputFactors, first: first)
            first += output.bias.count
        }
    }

    private func pack(_ outputs: LayerOutputs, _ inputFactors: [Float]?, first: Int) {
        precondition(outputs.weights.elementCount == outputs.bias.count * inner)
        outputs.weights.withFloats { numbers in
            outputs.factors.withPointer { factors in
                inputFactors.withPointer { inputFactors in
                    var matrix = ganrm_matrix(
                        rows: Int64(outputs.bias.count), numbers: numbers.baseAddress,
                        factors: factors, inner_factors: inputFactors)
                    ganrm_pack(
                        &matrix, number, Int64(inner), Int64(columns), Int64(first), Int64(parts),
                        panels.base, scales.pointer(to: Float.self),
                        sums.pointer(to: Int32.self))
                }
            }
        }
    }

    /// Numbers in a row, filled up to whole cells.
    var paddedInner: Int {
        Int(ganrm_cells(number, Int64(inner))) * 4 / number.byteCount
    }

    /// Applies the layer to a tile.
    ///
    /// - Parameters:
    ///   - rows: Borrowed, numbers of the layer's kind.
    ///   - output: Receives `[rows, columns]`.
    ///   - stride: From one row of the output to the next, in numbers; nil: no space between.
    func callAsFunction(
        _ rows: LayerInput, activation: ganrm_activation = GANRM_NO_ACTIVATION,
        into output: UnsafeMutableRawPointer, stride: Int? = nil,
        _ destination: ganrm_destination, kernels: ganrm_kernels
    ) {
        var task = ganrm_linear(
            rows: Int64(rows.count), x: rows.base, stride: Int64(rows.stride),
            scales: rows.scales, activation: activation, destination: destination, out: output,
            out_stride: Int64(stride ?? columns))
        var packed = ganrm_weights(
            number: number, inner: Int64(inner), columns: Int64(columns), parts: Int64(parts),
            panels: panels.base, bias: bias.pointer(to: Float.self),
            scales: scales.pointer(to: Float.self),
            sums: sums.pointer(to: Int32.self))
        kernels.linear(&task, &packed)
    }
}

/// Some of a layer's outputs as a checkpoint has them.
struct LayerOutputs {
    /// `[outputs, inputs]`, whatever axes the inputs have.
    let weights: StoredTensor
    /// `[outputs]`, multiplied already.
    let bias: [Float]
    /// What the weights of each output are to be multiplied by; nil: nothing.
    let factors: [Float]?

    init(weights: StoredTensor, bias: [Float], factors: [Float]? = nil) {
        self.weights = weights
        self.bias = factors.map { zip(bias, $0).map(*) } ?? bias
        self.factors = factors
    }
}

extension Optional<[Float]> {
    fileprivate func withPointer(_ body: (UnsafePointer<Float>?) -> Void) {
        guard let self else { return body(nil) }
        self.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}

/// Rows that a layer is applied to.
struct LayerInput {
    let base: UnsafeRawPointer
    let count: Int
    /// From one row to the next, in bytes: a whole number of the kernels' cells.
    let stride: Int
    /// Of bytes: what those of each part of each row stand for, `[parts, rows]`.
    var scales: UnsafePointer<ganrm_byte_scale>?
}
