import Crypto
import Encoders
import Files
import Foundation
import Reward
import Statistics
import Tensors

/// Checkpoints of a training. A resumed training ends with the same bits as an uninterrupted one.
///
/// The file is a safetensors file of F32: `values`, `first_moments`, `second_moments` in the
/// layout's order; `best` with early stopping, `kept` `[n, count]` if checkpoints are combined. The
/// rest is one JSON document in the metadata.
extension HeadTrainer {
    private static let metadataKey = "ganrm_training"

    private struct State: Codable {
        /// Digest of settings and examples; a checkpoint with a different one cannot be resumed.
        var digest: String
        var lossCurve: [Double]
        var validationCurve: [TrainingOutcome.ValidationPoint]
        var bestLoss: Double?
        var bestEvaluation: Int?
        var order: BatchSampler
        var dropout: RandomGenerator
    }

    /// Writes everything that the next step depends on. The file is written atomically.
    public func writeCheckpoint(to path: String) throws {
        let progress = State(
            digest: digest, lossCurve: lossCurve, validationCurve: validationCurve,
            bestLoss: best?.loss, bestEvaluation: best?.evaluation, order: order,
            dropout: dropout)
        var tensors = [
            "values": Self.tensor([values.elements]),
            "first_moments": Self.tensor([optimizer.firstMoments.elements]),
            "second_moments": Self.tensor([optimizer.secondMoments.elements]),
        ]
        if let best { tensors["best"] = Self.tensor([best.values]) }
        if !kept.isEmpty { tensors["kept"] = Self.tensor(kept) }
        let text = String(decoding: try JSONEncoder().encode(progress), as: UTF8.self)
        try Safetensors.write(tensors, metadata: [Self.metadataKey: text], to: path)
    }

    /// Resumes from a checkpoint.
    ///
    /// - Returns: False if the file does not exist, is damaged, or was written with other settings
    ///   or examples.
    public mutating func resume(from path: String) -> Bool {
        guard let file = try? WeightFile.open(path),
            let text = file.metadata[Self.metadataKey],
            let progress = try? JSONDecoder().decode(State.self, from: Data(text.utf8)),
            progress.digest == digest, progress.order.draws(like: order),
            let values = Self.rows(file, "values", width: layout.count)?.first,
            let moments = Self.rows(
                file, "first_moments", width: optimizer.firstMoments.count)?.first,
            let squares = Self.rows(
                file, "second_moments", width: optimizer.secondMoments.count)?.first,
            let kept = file.tensors["kept"] == nil
                ? [] : Self.rows(file, "kept", width: layout.count)
        else { return false }
        if let loss = progress.bestLoss, let evaluation = progress.bestEvaluation {
            guard let values = Self.rows(file, "best", width: layout.count)?.first else {
                return false
            }
            best = (loss, evaluation, values)
        }
        self.values.update(from: values)
        optimizer.firstMoments.update(from: moments)
        optimizer.secondMoments.update(from: squares)
        optimizer.step = progress.lossCurve.count
        stepCount = progress.lossCurve.count
        lossCurve = progress.lossCurve
        validationCurve = progress.validationCurve
        order = progress.order
        dropout = progress.dropout
        self.kept = kept
        return true
    }

    /// SHA-256 over settings, initial head and examples, in hexadecimal; identifies the training.
    static func digest(
        of settings: TrainingSettings, initial: RewardHead, training: [Example],
        validation: [Example]
    ) -> String {
        var hash = SHA256()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let data = try? encoder.encode(settings) else {
            preconditionFailure("valid settings are finite")
        }
        hash.update(data: data)
        initial.values.withUnsafeBytes { hash.update(bufferPointer: $0) }
        for (part, examples) in [training, validation].enumerated() {
            hash.update(data: Data("part \(part)\n".utf8))
            for example in examples {
                example.embedding.withUnsafeBytes { hash.update(bufferPointer: $0) }
                let rest: [Any] = [
                    example.label, example.isProxy, example.weight, example.isDegraded,
                    example.name ?? "-", example.original ?? "-",
                ]
                hash.update(data: Data("\(rest)\n".utf8))
            }
        }
        return hash.finalize().hexadecimal
    }

    private static func tensor(_ rows: [[Float]]) -> Tensor {
        Tensor(shape: [rows.count, rows[0].count], elements: Array(rows.joined()))
    }

    private static func rows(_ file: WeightFile, _ name: String, width: Int) -> [[Float]]? {
        guard let tensor = file.tensors[name], tensor.shape.count == 2, tensor.shape[1] == width,
            tensor.dtype == .f32, tensor.shape[0] <= 1000
        else { return nil }
        let floats = tensor.floats()
        return (0..<tensor.shape[0]).map { Array(floats[$0 * width..<($0 + 1) * width]) }
    }
}
