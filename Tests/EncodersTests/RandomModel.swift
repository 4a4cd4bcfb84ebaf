import CKernels
import Encoders
import Tensors
import TestSupport

/// A transformer with deterministic random weights, under the tensor names of Hugging Face's CLIP,
/// ViCLIP or DINOv2. `fixtures/encoders/embeddings.py` uses the same distributions.
struct RandomModel {
    let configuration: VisionTransformerConfiguration
    let weights: WeightFile

    /// - Parameter label: Seeds the weights, together with the name of each tensor.
    init(_ configuration: VisionTransformerConfiguration, label: String = "made up") {
        self.configuration = configuration
        weights = Self.weights(Self.shapes(configuration), label: label)
    }

    /// Weights of a vision transformer under the names of Hugging Face's `CLIPVisionModelWithProjection`.
    static func weights(
        _ configuration: VisionTransformerConfiguration, projection: Int, label: String
    ) -> WeightFile {
        var shapes: [String: [Int]] = [:]
        for (name, shape) in Self.shapes(configuration) { shapes["vision_model.\(name)"] = shape }
        shapes["visual_projection.weight"] = [projection, configuration.width]
        return weights(shapes, label: label)
    }

    /// Weights of a text transformer under the names of Hugging Face's `CLIPTextModelWithProjection`.
    static func weights(_ configuration: TextTransformerConfiguration, label: String) -> WeightFile
    {
        let width = configuration.width
        var shapes = [
            "text_model.embeddings.token_embedding.weight": [configuration.vocabularyCount, width],
            "text_model.embeddings.position_embedding.weight": [
                configuration.contextLength, width,
            ],
            "text_model.final_layer_norm.weight": [width],
            "text_model.final_layer_norm.bias": [width],
            "text_projection.weight": [configuration.embeddingWidth, width],
        ]
        let blocks = blockShapes(width, configuration.hiddenWidth, configuration.layers)
        for (name, shape) in blocks { shapes["text_model.\(name)"] = shape }
        return weights(shapes, label: label)
    }

    private static func weights(_ shapes: [String: [Int]], label: String) -> WeightFile {
        let tensors = shapes.map { name, shape in
            let (scale, offset) = spread(name, shape)
            let elements = SplitMix.numbers(
                "\(label)/\(name)", count: shape.reduce(1, *), scale: scale, offset: offset)
            return (name, StoredTensor(elements, shape: shape))
        }
        return WeightFile(name: label, tensors: Dictionary(uniqueKeysWithValues: tensors))
    }

    /// Tensor names and shapes of the blocks of Hugging Face's CLIP.
    private static func blockShapes(_ width: Int, _ hidden: Int, _ layers: Int) -> [String: [Int]] {
        var shapes: [String: [Int]] = [:]
        for layer in 0..<layers {
            let block = "encoder.layers.\(layer)"
            let linear = ["q_proj", "k_proj", "v_proj", "out_proj"].map {
                ("self_attn.\($0)", width, width)
            }
            for (name, outputs, inputs) in linear + [
                ("mlp.fc1", hidden, width), ("mlp.fc2", width, hidden),
            ] {
                shapes["\(block).\(name).weight"] = [outputs, inputs]
                shapes["\(block).\(name).bias"] = [outputs]
            }
            for norm in ["layer_norm1", "layer_norm2"] {
                shapes["\(block).\(norm).weight"] = [width]
                shapes["\(block).\(norm).bias"] = [width]
            }
        }
        return shapes
    }

    func transformer(
        precision: Precision = .f32, taps: [Int]? = nil, threadCount: Int = 1,
        level: ganrm_kernel_level? = nil
    ) throws -> VisionTransformer {
        try VisionTransformer(
            configuration: configuration, weights: weights, precision: precision, taps: taps,
            motionBlock: nil, threadCount: threadCount, kernelLevel: level?.rawValue)
    }

    /// Half-width and center of the uniform distribution of a tensor.
    static func spread(_ name: String, _ shape: [Int]) -> (scale: Float, offset: Float) {
        func has(_ parts: String...) -> Bool { parts.contains { name.contains($0) } }
        if has("lambda1") { return (0.5, 0.75) }
        if shape.count == 1 {
            if has("norm", "ln_"), name.hasSuffix("weight") { return (0.3, 1) }
            return (has("class_embedding") ? 0.3 : 0.1, 0)
        }
        if has("position", "cls_token", "mask_token") { return (0.3, 0) }
        let fanIn = shape.dropFirst().reduce(1, *)
        let gain = has("q_proj", "k_proj", "query", "key", "in_proj") ? 1.5 : 1.0
        return (Float(gain * Double(Float((3 / Double(fanIn)).squareRoot()))), 0)
    }

    /// Tensor names and shapes of a checkpoint with this configuration.
    static func shapes(_ configuration: VisionTransformerConfiguration) -> [String: [Int]] {
        let (width, hidden) = (configuration.width, configuration.hiddenWidth)
        let patch = configuration.patchSize
        let positions = 1 + configuration.positionGrid * configuration.positionGrid
        var shapes: [String: [Int]] = [:]
        func linear(_ name: String, _ outputs: Int, _ inputs: Int) {
            shapes["\(name).weight"] = [outputs, inputs]
            shapes["\(name).bias"] = [outputs]
        }
        func norm(_ name: String) {
            shapes["\(name).weight"] = [width]
            shapes["\(name).bias"] = [width]
        }
        if configuration.hasLayerScale {
            shapes["embeddings.cls_token"] = [1, 1, width]
            shapes["embeddings.mask_token"] = [1, width]
            shapes["embeddings.position_embeddings"] = [1, positions, width]
            shapes["embeddings.patch_embeddings.projection.weight"] = [width, 3, patch, patch]
            shapes["embeddings.patch_embeddings.projection.bias"] = [width]
            norm("layernorm")
            for layer in 0..<configuration.layers {
                let block = "encoder.layer.\(layer)"
                for role in ["q_proj", "k_proj", "v_proj", "o_proj"] {
                    linear("\(block).attention.\(role)", width, width)
                }
                norm("\(block).norm1")
                norm("\(block).norm2")
                linear("\(block).mlp.fc1", hidden, width)
                linear("\(block).mlp.fc2", width, hidden)
                shapes["\(block).layer_scale1.lambda1"] = [width]
                shapes["\(block).layer_scale2.lambda1"] = [width]
            }
        } else if configuration.frameCount > 1 {
            shapes["class_embedding"] = [width]
            shapes["positional_embedding"] = [positions, width]
            shapes["temporal_positional_embedding"] = [1, configuration.frameCount, width]
            shapes["conv1.weight"] = [width, 3, 1, patch, patch]
            norm("ln_pre")
            norm("ln_post")
            for layer in 0..<configuration.layers {
                let block = "transformer.resblocks.\(layer)"
                shapes["\(block).attn.in_proj_weight"] = [3 * width, width]
                shapes["\(block).attn.in_proj_bias"] = [3 * width]
                linear("\(block).attn.out_proj", width, width)
                norm("\(block).ln_1")
                norm("\(block).ln_2")
                linear("\(block).mlp.c_fc", hidden, width)
                linear("\(block).mlp.c_proj", width, hidden)
            }
        } else {
            shapes["embeddings.class_embedding"] = [width]
            shapes["embeddings.position_embedding.weight"] = [positions, width]
            shapes["embeddings.patch_embedding.weight"] = [width, 3, patch, patch]
            norm("pre_layrnorm")
            norm("post_layernorm")
            shapes.merge(blockShapes(width, hidden, configuration.layers)) { $1 }
        }
        return shapes
    }
}
