package import Encoders
package import Tensors
import TestSupport

/// Weights of BLIP with the names of ImageReward's file; those of `fixtures/metrics/imagereward.py`.
package enum BLIPWeights {
    /// All of ImageReward, with the layers that the metric does not need.
    package static func imageReward(
        vision: VisionTransformerConfiguration, text: GroundedTextConfiguration, label: String
    ) -> [String: StoredTensor] {
        var shapes = Self.shapes(text).map { ("blip.text_encoder." + $0, $1) }
        shapes += Self.shapes(vision).map { ("blip.visual_encoder." + $0, $1) }
        for (name, inputs) in [("vision_proj", text.imageWidth), ("text_proj", text.width)] {
            shapes += linear("blip.\(name)", 8, inputs)
        }
        let widths = [text.width, 1024, 128, 64, 16, 1]
        for (index, layer) in [0, 2, 4, 6, 7].enumerated() {
            shapes += linear("mlp.layers.\(layer)", widths[index + 1], widths[index])
        }
        return tensors(shapes, label: label)
    }

    /// The text encoder alone.
    package static func file(_ text: GroundedTextConfiguration, label: String) -> WeightFile {
        WeightFile(name: label, tensors: tensors(shapes(text), label: label))
    }

    private static func linear(_ name: String, _ outputs: Int, _ inputs: Int) -> [(String, [Int])] {
        [("\(name).weight", [outputs, inputs]), ("\(name).bias", [outputs])]
    }

    private static func norm(_ name: String, _ width: Int) -> [(String, [Int])] {
        [("\(name).weight", [width]), ("\(name).bias", [width])]
    }

    private static func shapes(_ text: GroundedTextConfiguration) -> [(String, [Int])] {
        let width = text.width
        var shapes = [
            ("embeddings.word_embeddings.weight", [text.vocabularyCount, width]),
            ("embeddings.position_embeddings.weight", [text.positionCount, width]),
        ]
        shapes += norm("embeddings.LayerNorm", width)
        for index in 0..<text.layers {
            let layer = "encoder.layer.\(index)"
            for (attention, inputs) in [("attention", width), ("crossattention", text.imageWidth)] {
                shapes += linear("\(layer).\(attention).self.query", width, width)
                shapes += linear("\(layer).\(attention).self.key", width, inputs)
                shapes += linear("\(layer).\(attention).self.value", width, inputs)
                shapes += linear("\(layer).\(attention).output.dense", width, width)
                shapes += norm("\(layer).\(attention).output.LayerNorm", width)
            }
            shapes += linear("\(layer).intermediate.dense", text.hiddenWidth, width)
            shapes += linear("\(layer).output.dense", width, text.hiddenWidth)
            shapes += norm("\(layer).output.LayerNorm", width)
        }
        return shapes
    }

    private static func shapes(_ vision: VisionTransformerConfiguration) -> [(String, [Int])] {
        let width = vision.width
        var shapes = [
            ("cls_token", [1, 1, width]), ("pos_embed", [1, vision.tokenCount(frames: 1), width]),
            ("patch_embed.proj.weight", [width, 3, vision.patchSize, vision.patchSize]),
            ("patch_embed.proj.bias", [width]),
        ]
        for index in 0..<vision.layers {
            let block = "blocks.\(index)"
            shapes += norm("\(block).norm1", width)
            shapes += linear("\(block).attn.qkv", 3 * width, width)
            shapes += linear("\(block).attn.proj", width, width)
            shapes += norm("\(block).norm2", width)
            shapes += linear("\(block).mlp.fc1", vision.hiddenWidth, width)
            shapes += linear("\(block).mlp.fc2", width, vision.hiddenWidth)
        }
        return shapes + norm("norm", width)
    }

    private static func tensors(
        _ shapes: [(String, [Int])], label: String
    ) -> [String: StoredTensor] {
        let tensors = shapes.map { name, shape in
            let (scale, offset) = spread(name, shape)
            let elements = SplitMix.numbers(
                "\(label)/\(name)", count: shape.reduce(1, *), scale: scale, offset: offset)
            return (name, StoredTensor(elements, shape: shape))
        }
        return Dictionary(uniqueKeysWithValues: tensors)
    }

    private static func spread(_ name: String, _ shape: [Int]) -> (scale: Float, offset: Float) {
        if name.lowercased().contains("norm"), name.hasSuffix("weight") { return (0.3, 1) }
        guard shape.count > 1 else { return (0.1, 0) }
        if name.contains("embeddings") { return (1, 0) }
        let scale = (3 / Float(shape.dropFirst().reduce(1, *))).squareRoot()
        let isAttended = ["query", "key", "value"].contains { name.contains($0) }
        return (isAttended ? 1.5 * scale : scale, 0)
    }
}
