public import Encoders
import Foundation
import Frames
public import Reward
import Statistics
public import Tensors
import Testing
public import Training

/// Stacks n embeddings to a tensor `[n, D]`.
public func matrix(_ rows: [[Float]]) -> Tensor {
    Tensor(shape: [rows.count, rows[0].count], elements: Array(rows.joined()))
}

/// Examples with embeddings uniform in ±1. Every other example is a proxy, shifted by `distance`.
public func examples(count: Int, width: Int, distance: Float, seed: UInt64 = 1) -> [Example] {
    var generator = RandomGenerator(seed: seed, stream: 9)
    return (0..<count).map { i in
        let shift = i.isMultiple(of: 2) ? distance : 0
        return Example(
            embedding: (0..<width).map { _ in 2 * generator.uniform() - 1 + shift },
            label: i.isMultiple(of: 2) ? 1 : 0)
    }
}

/// An encoder identity with the preprocessing of DINOv2.
public func identity(
    name: String = "dinov2-small-imgfocus", fingerprint: String = "f00d", taps: [Int] = [12],
    crop: Int = 224, width: Int
) -> EncoderIdentity {
    EncoderIdentity(
        name: name, fingerprint: fingerprint,
        preprocessing: Preprocessing(
            resize: .shortSide, size: 256, filter: .pillowBicubic, crop: crop,
            mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225]),
        taps: taps, embeddingWidth: width)
}

/// Runs a training with the default hold-out split and returns its last outcome.
public func trained(
    _ settings: TrainingSettings, on examples: [Example]
) throws -> TrainingOutcome {
    try #require(
        HeadTraining(settings: settings, examples: examples).run().rounds.last?.first
    ).outcome
}
