/// The layers of a convolutional net in the order of their computation.
///
///     var graph = LayerGraph()
///     let first = graph.convolution(graph.input, parameters, to: 32, kernel: Extent(3))
///     graph.outputs = [graph.globalMean(first)]
struct LayerGraph: Sendable {
    /// The result of a layer.
    struct Value: Sendable, Hashable {
        fileprivate(set) var index: Int
    }

    enum Operation: Sendable {
        /// Convolution and bias, added to the output's former value if it `adds`; then ReLU.
        case convolution(Window, ConvolutionParameters, adds: Bool, rectifies: Bool)
        /// Maximum over the positions of the window that are inside the input.
        ///
        /// Nets whose pools pad with zeros have no negative inputs there, so that it is the same.
        case maximum(Window)
        /// Mean over the positions of the window that are inside the input.
        case mean(Window)
        /// Mean over all positions.
        case globalMean
    }

    struct Layer: Sendable {
        var operation: Operation
        var input: Value
        var output: Value
    }

    /// Channels of each value.
    private(set) var channels: [Int]
    /// The value that holds a value among its channels, from which one on; nil if a value has memory of its own.
    private(set) var containers: [(value: Value, channel: Int)?] = [nil]
    private(set) var layers: [Layer] = []
    let input = Value(index: 0)
    /// The values that a pass returns.
    var outputs: [Value] = []
    /// Whether the kernels have frames.
    let isVideo: Bool

    init(isVideo: Bool = false) {
        self.isVideo = isVideo
        channels = [3]
    }

    mutating func convolution(
        _ input: Value, _ parameters: ConvolutionParameters, to channels: Int, kernel: Extent,
        stride: Extent = .one, padding: Window.Padding = .none,
        rectifies: Bool = true
    ) -> Value {
        append(
            .convolution(
                Window(kernel: kernel, stride: stride, padding: padding), parameters,
                adds: false, rectifies: rectifies),
            input, channels: channels)
    }

    /// max(value + convolution, 0), in place of a value that nothing reads any more: the end of a residual block.
    mutating func rectifiedSum(
        _ value: Value, _ input: Value, _ parameters: ConvolutionParameters
    ) -> Value {
        layers.append(
            Layer(
                operation: .convolution(
                    Window(kernel: .one), parameters, adds: true, rectifies: true), input: input,
                output: value))
        return value
    }

    mutating func maximum(_ input: Value, _ window: Window) -> Value {
        append(.maximum(window), input, channels: channels[input.index])
    }

    mutating func mean(_ input: Value, _ window: Window) -> Value {
        append(.mean(window), input, channels: channels[input.index])
    }

    mutating func globalMean(_ input: Value) -> Value {
        append(.globalMean, input, channels: channels[input.index])
    }

    /// Values one after the other along the channels; their layers write there at once.
    mutating func concatenation(_ parts: [Value]) -> Value {
        let whole = newValue(channels: parts.reduce(0) { $0 + channels[$1.index] })
        var channel = 0
        for part in parts {
            precondition(containers[part.index] == nil, "a value is in one place")
            containers[part.index] = (whole, channel)
            channel += channels[part.index]
        }
        return whole
    }

    private mutating func append(
        _ operation: Operation, _ input: Value, channels: Int
    ) -> Value {
        let output = newValue(channels: channels)
        layers.append(Layer(operation: operation, input: input, output: output))
        return output
    }

    private mutating func newValue(channels: Int) -> Value {
        self.channels.append(channels)
        containers.append(nil)
        return Value(index: self.channels.count - 1)
    }

    /// The value whose memory holds `value`, and the channel there.
    func place(of value: Value) -> (root: Value, channel: Int) {
        var (root, channel) = (value, 0)
        while let container = containers[root.index] {
            root = container.value
            channel += container.channel
        }
        return (root, channel)
    }
}
