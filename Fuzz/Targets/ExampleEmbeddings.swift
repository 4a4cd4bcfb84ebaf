import Encoders
import Foundation
import Frames
import Media
import Pipeline
import Store
import TestModels
import TestSupport
import TextFormats

/// Width of the example embeddings.
private let width = 4

private let exampleIdentity = identity(fingerprint: "f00d", width: width)

func exampleEmbeddings() -> EmbeddingSet {
    var set = EmbeddingSet(
        encoders: [.video: exampleIdentity], sampling: .uniform(UniformSampling()))
    for (index, input) in ["a.mp4", "é.mp4"].enumerated() {
        set.append(
            Array(repeating: Float(index), count: width),
            input: .object([
                .init("input", .string(input)), .init("kind", "video"), .init("width", 512),
                .init("frame_rate", 29.97), .init("group", "a cat"), .init("label", 1),
            ]))
    }
    return set
}

let exampleRecipe = EmbeddingRecipe(
    encoder: exampleIdentity, precision: .f32, sampling: .uniform(UniformSampling()),
    options: .init())

/// A video of two clips, with and without optional values.
let exampleInput = EncodedInput(
    summary: ReadSummary(
        info: MediaInfo(
            kind: .video, width: 512, height: 320, frameRate: 8, durationSeconds: nil,
            formatName: "mov,mp4", codecName: "h264"),
        frameCount: 16, durationSeconds: 2.125, truncation: "frame 3 is damaged"),
    clips: [
        EncodedClip(
            indices: [0, 2, 2], startSeconds: 0.1, endSeconds: 1,
            embedding: Array(repeating: 0.25, count: width)),
        EncodedClip(
            indices: [5], startSeconds: nil, endSeconds: nil,
            embedding: Array(repeating: -1, count: width)),
    ])
