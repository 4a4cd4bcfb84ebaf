public import Encoders
import Foundation
import Frames
public import Metrics
import Scoring
import Tensors
public import TestSupport
import Tokenizers

/// The small CLIP of `fixtures/encoders/text.py` as the encoder `tiny` of metrics.
public enum TinyCLIP {
    /// Preprocessing of openai/CLIP, at the size of the small model.
    public static let preprocessing = Preprocessing(
        resize: .shortSide, size: 35, filter: .pillowBicubic, crop: 35,
        mean: [0.48145466, 0.4578275, 0.40821073], deviation: [0.26862954, 0.26130258, 0.27577711],
        cropOffset: .halfToEven)

    /// Writes the model and its vocabulary to a folder.
    public static func files(
        in folder: TemporaryFolder, merges: [String]
    ) throws -> [String: MetricFiles] {
        let vocabulary = try folder.write(
            "#version\n" + merges.joined(separator: "\n") + "\n", to: "merges.txt")
        let weights = folder.path("model.safetensors")
        let stored = try WeightFile.open(
            Fixture.path("encoders/tiny-text-hugging-face.safetensors"))
        let pairs = stored.tensors.compactMap { name, tensor in
            name.hasPrefix("weights.") ? (String(name.dropFirst("weights.".count)), tensor) : nil
        }
        try Safetensors.write(stored: Dictionary(uniqueKeysWithValues: pairs), to: weights)
        let description = EncoderDescription(
            name: "tiny",
            configuration: .transformer(
                .init(
                    imageSize: 35, patchSize: 7, width: 64, layers: 2, heads: 2, hiddenWidth: 128)),
            preprocessing: preprocessing,
            text: TextTower(
                configuration: .init(
                    width: 48, layers: 3, heads: 3, vocabularyCount: 530, embeddingWidth: 40),
                tokenizer: .openAI))
        let path = folder.path("tiny.json")
        try JSONEncoder().encode(description).write(to: URL(filePath: path))
        return [
            "tiny": MetricFiles(
                encoder: .init(name: path, weights: weights), vocabulary: vocabulary)
        ]
    }
}
