extension LayerGraph {
    /// Inception-v3 up to its global mean.
    static let inceptionV3: LayerGraph = {
        var net = LayerGraph()
        var x = net.unit(net.input, "Conv2d_1a_3x3", 32, Extent(3), stride: 2)
        x = net.unit(x, "Conv2d_2a_3x3", 32, Extent(3))
        x = net.unit(x, "Conv2d_2b_3x3", 64, Extent(3), padded: true)
        x = net.maximum(x, halving)
        x = net.unit(x, "Conv2d_3b_1x1", 80, .one)
        x = net.unit(x, "Conv2d_4a_3x3", 192, Extent(3))
        x = net.maximum(x, halving)
        x = net.blockA(x, "Mixed_5b", pooled: 32)
        x = net.blockA(x, "Mixed_5c", pooled: 64)
        x = net.blockA(x, "Mixed_5d", pooled: 64)
        x = net.blockB(x, "Mixed_6a")
        x = net.blockC(x, "Mixed_6b", inner: 128)
        x = net.blockC(x, "Mixed_6c", inner: 160)
        x = net.blockC(x, "Mixed_6d", inner: 160)
        x = net.blockC(x, "Mixed_6e", inner: 192)
        x = net.blockD(x, "Mixed_7a")
        x = net.blockE(x, "Mixed_7b") { $0.mean($1, surrounding) }
        // TensorFlow's weights were trained with a maximum here.
        x = net.blockE(x, "Mixed_7c") { $0.maximum($1, surrounding) }
        net.outputs = [net.globalMean(x)]
        return net
    }()

    private static let halving = Window(kernel: Extent(3), stride: Extent(2))
    /// Means of positions inside the input only, as TensorFlow's.
    private static let surrounding = Window(
        kernel: Extent(3), padding: .symmetric(Extent(1, frames: 0)))

    /// A convolution with batch norm and ReLU.
    private mutating func unit(
        _ input: Value, _ name: String, _ channels: Int, _ kernel: Extent, stride: Int = 1,
        padded: Bool = false
    ) -> Value {
        convolution(
            input,
            ConvolutionParameters(
                weight: "\(name).conv.weight", norm: .init(prefix: "\(name).bn", epsilon: 1e-3)),
            to: channels, kernel: kernel, stride: Extent(stride),
            padding: padded
                ? .symmetric(
                    Extent(frames: 0, height: kernel.height / 2, width: kernel.width / 2))
                : .none)
    }

    private mutating func blockA(_ x: Value, _ name: String, pooled: Int) -> Value {
        let first = unit(x, "\(name).branch1x1", 64, .one)
        var second = unit(x, "\(name).branch5x5_1", 48, .one)
        second = unit(second, "\(name).branch5x5_2", 64, Extent(5), padded: true)
        var third = unit(x, "\(name).branch3x3dbl_1", 64, .one)
        third = unit(third, "\(name).branch3x3dbl_2", 96, Extent(3), padded: true)
        third = unit(third, "\(name).branch3x3dbl_3", 96, Extent(3), padded: true)
        let fourth = unit(mean(x, Self.surrounding), "\(name).branch_pool", pooled, .one)
        return concatenation([first, second, third, fourth])
    }

    private mutating func blockB(_ x: Value, _ name: String) -> Value {
        let first = unit(x, "\(name).branch3x3", 384, Extent(3), stride: 2)
        var second = unit(x, "\(name).branch3x3dbl_1", 64, .one)
        second = unit(second, "\(name).branch3x3dbl_2", 96, Extent(3), padded: true)
        second = unit(second, "\(name).branch3x3dbl_3", 96, Extent(3), stride: 2)
        return concatenation([first, second, maximum(x, Self.halving)])
    }

    private mutating func blockC(_ x: Value, _ name: String, inner: Int) -> Value {
        let (row, column) = (Extent(height: 1, width: 7), Extent(height: 7, width: 1))
        let first = unit(x, "\(name).branch1x1", 192, .one)
        var second = unit(x, "\(name).branch7x7_1", inner, .one)
        second = unit(second, "\(name).branch7x7_2", inner, row, padded: true)
        second = unit(second, "\(name).branch7x7_3", 192, column, padded: true)
        var third = unit(x, "\(name).branch7x7dbl_1", inner, .one)
        third = unit(third, "\(name).branch7x7dbl_2", inner, column, padded: true)
        third = unit(third, "\(name).branch7x7dbl_3", inner, row, padded: true)
        third = unit(third, "\(name).branch7x7dbl_4", inner, column, padded: true)
        third = unit(third, "\(name).branch7x7dbl_5", 192, row, padded: true)
        let fourth = unit(mean(x, Self.surrounding), "\(name).branch_pool", 192, .one)
        return concatenation([first, second, third, fourth])
    }

    private mutating func blockD(_ x: Value, _ name: String) -> Value {
        var first = unit(x, "\(name).branch3x3_1", 192, .one)
        first = unit(first, "\(name).branch3x3_2", 320, Extent(3), stride: 2)
        var second = unit(x, "\(name).branch7x7x3_1", 192, .one)
        second = unit(
            second, "\(name).branch7x7x3_2", 192, Extent(height: 1, width: 7), padded: true)
        second = unit(
            second, "\(name).branch7x7x3_3", 192, Extent(height: 7, width: 1), padded: true)
        second = unit(second, "\(name).branch7x7x3_4", 192, Extent(3), stride: 2)
        return concatenation([first, second, maximum(x, Self.halving)])
    }

    private mutating func blockE(
        _ x: Value, _ name: String, pool: (inout LayerGraph, Value) -> Value
    ) -> Value {
        let first = unit(x, "\(name).branch1x1", 320, .one)
        let second = crossed(unit(x, "\(name).branch3x3_1", 384, .one), "\(name).branch3x3_2")
        var third = unit(x, "\(name).branch3x3dbl_1", 448, .one)
        third = unit(third, "\(name).branch3x3dbl_2", 384, Extent(3), padded: true)
        third = crossed(third, "\(name).branch3x3dbl_3")
        let fourth = unit(pool(&self, x), "\(name).branch_pool", 192, .one)
        return concatenation([first, second, third, fourth])
    }

    /// A row and a column side by side.
    private mutating func crossed(_ x: Value, _ name: String) -> Value {
        let row = unit(x, "\(name)a", 384, Extent(height: 1, width: 3), padded: true)
        let column = unit(x, "\(name)b", 384, Extent(height: 3, width: 1), padded: true)
        return concatenation([row, column])
    }
}
