import Foundation
import Reward
import Statistics
import TestSupport

/// Contents of `fixtures/training/training.json`.
struct TrainingGolden: Decodable {
    struct Run: Decodable {
        var width: Int
        var count: Int
        var firstWeights: [Float]
        var firstBatches: [[Int]]
        var losses: [Double]
        var logits: [[Float]]
        var settings: TrainingSettings
        var isWeighted: Bool
        /// Only for runs that combine checkpoints.
        var averagedLogits: [[Float]]?
        var order: [Int]?
        var meanLogits: [Double]?
        var spread: [Double]?

        enum CodingKeys: String, CodingKey {
            case width, count, losses, logits, order, spread
            case isWeighted = "weighted"
            case averagedLogits = "averaged_logits"
            case meanLogits = "mean_logits"
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
            isWeighted = try container.decode(Bool.self, forKey: .isWeighted)
            averagedLogits = try container.decodeIfPresent([[Float]].self, forKey: .averagedLogits)
            order = try container.decodeIfPresent([Int].self, forKey: .order)
            meanLogits = try container.decodeIfPresent([Double].self, forKey: .meanLogits)
            spread = try container.decodeIfPresent([Double].self, forKey: .spread)
            // The script uses the trainer's names of the settings.
            settings = try TrainingSettings(from: decoder)
        }

        /// Training examples, the same as in the script.
        ///
        /// Embeddings are uniform in ±1. Every third example is a proxy, shifted by 0.3. In
        /// degraded runs every fifth example is a degraded copy of the next one. In weighted runs
        /// every fourth example has weight 2.5.
        var examples: [Example] {
            var generator = RandomGenerator(seed: settings.seed, stream: 9)
            let embeddings = (0..<count).map { _ in
                (0..<width).map { _ in 2 * generator.uniform() - 1 }
            }
            return (0..<count).map { i in
                let isProxy = i.isMultiple(of: 3)
                let isDegraded = settings.degradedPerBatch > 0 && i.isMultiple(of: 5)
                return Example(
                    embedding: isProxy ? embeddings[i].map { $0 + 0.3 } : embeddings[i],
                    label: isDegraded ? 0.4 : !isProxy ? 0 : i.isMultiple(of: 2) ? 1 : 0.7,
                    isProxy: isProxy, weight: isWeighted && i.isMultiple(of: 4) ? 2.5 : 1,
                    name: "\(i)", isDegraded: isDegraded,
                    original: isDegraded ? "\(i + 1)" : nil)
            }
        }
    }

    var runs: [Run]

    static func load() throws -> TrainingGolden {
        // The settings have explicit keys in snake case.
        try Fixture.decode("training/training.json", keys: .useDefaultKeys)
    }
}
