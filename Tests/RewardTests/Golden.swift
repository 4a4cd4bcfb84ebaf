import Foundation
import Reward

/// What Golden/training.py wrote.
struct Golden: Decodable {
    struct Run: Decodable {
        var width: Int
        var count: Int
        var firstWeights: [Float]
        var firstBatches: [[Int]]
        var losses: [Double]
        var logits: [[Float]]
        var settings: TrainingSettings

        enum CodingKeys: String, CodingKey {
            case width, count, losses, logits
            case firstWeights = "first_weights"
            case firstBatches = "first_batches"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            width = try container.decode(Int.self, forKey: .width)
            count = try container.decode(Int.self, forKey: .count)
            firstWeights = try container.decode([Float].self, forKey: .firstWeights)
            firstBatches = try container.decode([[Int]].self, forKey: .firstBatches)
            losses = try container.decode([Double].self, forKey: .losses)
            logits = try container.decode([[Float]].self, forKey: .logits)
            // The script names the settings as the trainer does.
            settings = try TrainingSettings(from: decoder)
        }

        /// Uniform in ±1, shifted by 0.3 for the proxies: every third example.
        var examples: [Example] {
            var generator = RandomGenerator(seed: settings.seed, stream: 9)
            let embeddings = (0..<count).map { _ in
                (0..<width).map { _ in 2 * generator.uniform() - 1 }
            }
            return (0..<count).map { i in
                guard i.isMultiple(of: 3) else {
                    return Example(embedding: embeddings[i], label: 0)
                }
                return Example(
                    embedding: embeddings[i].map { $0 + 0.3 }, label: i.isMultiple(of: 2) ? 1 : 0.7)
            }
        }
    }

    struct Metrics: Decodable {
        var logits: [Double]
        var labels: [Double]
        var auc: Double
        var loss: Double
        var accuracy: Double
    }

    var runs: [Run]
    var metrics: [Metrics]

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden")

    static func load() throws -> Golden {
        try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: folder.appendingPathComponent("training.json")))
    }
}
