package import Encoders
import Foundation
package import Tensors
import TestSupport

/// Weights of convolutional nets, as in `fixtures/encoders/convolution.py`: a net keeps the variance of what passes
/// through it. Those of open_nsfw are the published ones.
package enum ConvolutionalWeights {
    package static func file(_ architecture: ConvolutionalArchitecture) throws -> WeightFile {
        if architecture == .openNSFW { return try .open(Fixture.fetched("open-nsfw.onnx")) }
        return WeightFile(
            name: architecture.rawValue,
            tensors: tensors(architecture.weightShapes, label: architecture.rawValue))
    }

    package static func tensors(
        _ shapes: [String: [Int]], label: String
    ) -> [String: StoredTensor] {
        Dictionary(
            uniqueKeysWithValues: shapes.map { name, shape in
                var (scale, offset) = (0.2 as Float, 0 as Float)
                if shape.count > 1 {
                    scale = (6 / Float(shape.dropFirst().reduce(1, *))).squareRoot()
                } else if name.hasSuffix("running_var") {
                    (scale, offset) = (0.5, 1)
                } else if name.hasSuffix("bn.weight") {
                    offset = 1
                }
                let values = SplitMix.numbers(
                    "\(label)/\(name)", count: shape.reduce(1, *), scale: scale, offset: offset)
                return (name, StoredTensor(values, shape: shape))
            })
    }
}
