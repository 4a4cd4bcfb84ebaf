extension LayerGraph {
    /// AlexNet's feature maps after each ReLU.
    static let alexNet: LayerGraph = {
        var net = LayerGraph()
        let pool = Window(kernel: Extent(3), stride: Extent(2))
        let first = net.feature(net.input, 0, 64, Extent(11), stride: 4, padding: 2)
        let second = net.feature(net.maximum(first, pool), 3, 192, Extent(5), padding: 2)
        let third = net.feature(net.maximum(second, pool), 6, 384, Extent(3), padding: 1)
        let fourth = net.feature(third, 8, 256, Extent(3), padding: 1)
        let fifth = net.feature(fourth, 10, 256, Extent(3), padding: 1)
        net.outputs = [first, second, third, fourth, fifth]
        return net
    }()

    /// VGG-16's feature maps before each pool, and the last one.
    static let vgg16: LayerGraph = {
        var net = LayerGraph()
        var x = net.input
        var number = 0
        for (channels, count) in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)] {
            for _ in 0..<count {
                x = net.feature(x, number, channels, Extent(3), padding: 1)
                // A convolution and its ReLU are two modules.
                number += 2
            }
            net.outputs.append(x)
            if net.outputs.count < 5 {
                x = net.maximum(x, Window(kernel: Extent(2), stride: Extent(2)))
                number += 1
            }
        }
        return net
    }()

    /// A convolution and ReLU of torchvision's `features`.
    private mutating func feature(
        _ input: Value, _ number: Int, _ channels: Int, _ kernel: Extent, stride: Int = 1,
        padding: Int
    ) -> Value {
        convolution(
            input,
            ConvolutionParameters(
                weight: "features.\(number).weight", bias: "features.\(number).bias"),
            to: channels, kernel: kernel, stride: Extent(stride),
            padding: .symmetric(Extent(padding, frames: 0)))
    }
}
