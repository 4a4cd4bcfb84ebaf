/// Names of a convolution's tensors in a checkpoint, and how they are stored.
struct ConvolutionParameters: Sendable, Hashable {
    /// Batch norm after the convolution, with its tensors' common prefix.
    struct Norm: Sendable, Hashable {
        var prefix: String
        var epsilon: Float
    }

    /// `[out, in, (kernel frames,) kernel height, kernel width]`
    var weight: String
    /// `[out]`; nil for a convolution without bias.
    var bias: String?
    var norm: Norm?
    /// Whether the weights are those of a linear layer, `[in, out]`.
    var isTransposed = false
    /// Whether the inputs are blue, green and red in the checkpoint; here they are red, green and blue.
    var readsBGR = false
}
