import Encoders
import Foundation
import Frames
import Reward
import Scoring
import Tensors
public import TestSupport

/// Files of an encoder with the architecture of CLIP, two small blocks and random weights.
public struct TinyModel: Sendable {
    public let folder: TemporaryFolder
    public let encoder: String
    public let weights: String

    /// Command-line options for the encoder.
    public var encoderOptions: [String] { ["--encoder", encoder, "--weights", weights] }

    public init() throws {
        folder = try TemporaryFolder()
        let width = 32
        let configuration = VisionTransformerConfiguration(
            imageSize: 32, patchSize: 8, width: width, layers: 2, heads: 2)
        let preprocessing = Preprocessing(
            resize: .shortSide, size: 32, filter: .pillowBicubic, crop: 32,
            mean: [0.48, 0.46, 0.41], deviation: [0.27, 0.26, 0.28])
        let description = try JSONEncoder().encode(
            Description(
                name: "tiny", configuration: configuration, preprocessing: preprocessing))
        encoder = try folder.write(String(decoding: description, as: UTF8.self), to: "tiny.json")

        var state: UInt64 = 7
        func uniform() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 23) - 1
        }
        var tensors: [String: Tensor] = [:]
        func add(_ name: String, _ shape: [Int], scale: Float = 0.3, offset: Float = 0) {
            let count = shape.reduce(1, *)
            tensors["vision_model.\(name)"] = Tensor(
                shape: shape, elements: (0..<count).map { _ in uniform() * scale + offset })
        }
        add("embeddings.class_embedding", [width])
        add("embeddings.patch_embedding.weight", [width, 3, 8, 8], scale: 0.1)
        add("embeddings.position_embedding.weight", [17, width])
        for norm in ["pre_layrnorm", "post_layernorm"] {
            add("\(norm).weight", [width], scale: 0.1, offset: 1)
            add("\(norm).bias", [width], scale: 0.1)
        }
        for layer in 0..<2 {
            let block = "encoder.layers.\(layer)"
            for name in ["q_proj", "k_proj", "v_proj", "out_proj"] {
                add("\(block).self_attn.\(name).weight", [width, width])
                add("\(block).self_attn.\(name).bias", [width], scale: 0.1)
            }
            add("\(block).mlp.fc1.weight", [4 * width, width])
            add("\(block).mlp.fc1.bias", [4 * width], scale: 0.1)
            add("\(block).mlp.fc2.weight", [width, 4 * width])
            add("\(block).mlp.fc2.bias", [width], scale: 0.1)
            for norm in ["layer_norm1", "layer_norm2"] {
                add("\(block).\(norm).weight", [width], scale: 0.1, offset: 1)
                add("\(block).\(norm).bias", [width], scale: 0.1)
            }
        }
        weights = folder.path("tiny.safetensors")
        try Safetensors.write(tensors, to: weights)
    }

    /// Writes an untrained head for both media kinds, enough to compare two ways of scoring.
    public func untrainedHead() throws -> String {
        try write("untrained") { RewardHead(width: $0, seed: 5) }
    }

    /// Writes a linear head with finite weights, whose logits are not.
    public func overflowingHead() throws -> String {
        try write("overflowing") { width in
            let largest = Float.greatestFiniteMagnitude
            let weights = folder.path("linear.safetensors")
            try Safetensors.write(
                [
                    "out.weight": Tensor(
                        shape: [2, width],
                        elements: (0..<2 * width).map { $0 < width ? -largest : largest }),
                    "out.bias": Tensor(shape: [2], elements: [-largest, largest]),
                ], to: weights)
            return try RewardHead.load(weights)
        }
    }

    /// Writes a copy of the encoder's weights in which the values of one tensor are replaced.
    public func weights(replacing tensor: String, by value: Float) throws -> String {
        var tensors = try WeightFile.open(weights).tensors.mapValues { $0.tensor() }
        if let shape = tensors[tensor]?.shape {
            tensors[tensor] = Tensor(
                shape: shape, elements: Array(repeating: value, count: shape.reduce(1, *)))
        }
        let path = folder.path("changed.safetensors")
        try Safetensors.write(tensors, to: path)
        return path
    }

    private func write(
        _ name: String, _ head: (_ width: Int) throws -> RewardHead
    ) throws -> String {
        let source = EncoderSource(name: encoder, weights: weights)
        let identity = try ModelLoader(
            sources: [.image: source, .video: source], precision: .f32, threadCount: 2
        ).encoders().encoder(for: .video).identity
        let path = folder.path("\(name).safetensors")
        try RewardModel(
            ensemble: HeadEnsemble(head(identity.embeddingWidth)),
            encoders: [.image: identity, .video: identity],
            sampling: .uniform(UniformSampling(frameCount: 4))
        ).write(to: path)
        return path
    }

    private struct Description: Encodable {
        let name: String
        let configuration: VisionTransformerConfiguration
        let preprocessing: Preprocessing
    }
}
