extension LayerGraph {
    /// I3D up to its logits, which are means over time.
    static let i3d: LayerGraph = {
        var net = LayerGraph(isVideo: true)
        var x = net.unit3D(net.input, "Conv3d_1a_7x7", 64, Extent(7, frames: 7), stride: 2)
        x = net.samePool(x, Extent(3), stride: Extent(2))
        x = net.unit3D(x, "Conv3d_2b_1x1", 64, .one)
        x = net.unit3D(x, "Conv3d_2c_3x3", 192, Extent(3, frames: 3))
        x = net.samePool(x, Extent(3), stride: Extent(2))
        x = net.mixed(x, "Mixed_3b", [64, 96, 128, 16, 32, 32])
        x = net.mixed(x, "Mixed_3c", [128, 128, 192, 32, 96, 64])
        x = net.samePool(x, Extent(3, frames: 3), stride: Extent(2, frames: 2))
        x = net.mixed(x, "Mixed_4b", [192, 96, 208, 16, 48, 64])
        x = net.mixed(x, "Mixed_4c", [160, 112, 224, 24, 64, 64])
        x = net.mixed(x, "Mixed_4d", [128, 128, 256, 24, 64, 64])
        x = net.mixed(x, "Mixed_4e", [112, 144, 288, 32, 64, 64])
        x = net.mixed(x, "Mixed_4f", [256, 160, 320, 32, 128, 128])
        x = net.samePool(x, Extent(2, frames: 2), stride: Extent(2, frames: 2))
        x = net.mixed(x, "Mixed_5b", [256, 160, 320, 32, 128, 128])
        x = net.mixed(x, "Mixed_5c", [384, 192, 384, 48, 128, 128])
        x = net.mean(x, Window(kernel: Extent(7, frames: 2)))
        x = net.convolution(
            x, ConvolutionParameters(weight: "logits.conv3d.weight", bias: "logits.conv3d.bias"),
            to: 400, kernel: .one, rectifies: false)
        net.outputs = [net.globalMean(x)]
        return net
    }()

    /// A convolution with batch norm and ReLU.
    private mutating func unit3D(
        _ input: Value, _ name: String, _ channels: Int, _ kernel: Extent, stride: Int = 1
    ) -> Value {
        convolution(
            input,
            ConvolutionParameters(
                weight: "\(name).conv3d.weight", norm: .init(prefix: "\(name).bn", epsilon: 1e-5)),
            to: channels, kernel: kernel, stride: Extent(stride, frames: stride), padding: .same)
    }

    private mutating func samePool(_ x: Value, _ kernel: Extent, stride: Extent) -> Value {
        maximum(x, Window(kernel: kernel, stride: stride, padding: .same))
    }

    /// - Parameter channels: Of the branches' convolutions: 1³; 1³, 3³; 1³, 3³; the one after the pool.
    private mutating func mixed(_ x: Value, _ name: String, _ channels: [Int]) -> Value {
        let cube = Extent(3, frames: 3)
        let first = unit3D(x, "\(name).b0", channels[0], .one)
        let second = unit3D(
            unit3D(x, "\(name).b1a", channels[1], .one), "\(name).b1b", channels[2], cube)
        let third = unit3D(
            unit3D(x, "\(name).b2a", channels[3], .one), "\(name).b2b", channels[4], cube)
        let fourth = unit3D(
            samePool(x, cube, stride: .one), "\(name).b3b", channels[5], .one)
        return concatenation([first, second, third, fourth])
    }
}
