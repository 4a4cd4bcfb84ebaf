import Crypto
import Encoders
import Foundation
import Tensors

/// A training on disk: where an interrupted one goes on, to end with the same bits.
///
/// A safetensors file of F32: `values`, `first_moments`, `second_moments` as the layout orders them;
/// `best` where early stopping has one, `kept` `[n, count]` where checkpoints are combined. The rest
/// is one JSON document in the metadata.
extension HeadTrainer {
    private static let metadataKey = "ganrm_training"

    private struct Progress: Codable {
        /// Of settings and examples: a checkpoint of others is of no use.
        var digest: String
        var lossCurve: [Double]
        var validationCurve: [TrainingOutcome.ValidationPoint]
        var bestLoss: Double?
        var bestEvaluation: Int?
        var order: SampleOrder
        var dropout: RandomGenerator
    }

    /// Writes all that the next step depends on. The file is either whole or not there.
    public func writeCheckpoint(to path: String) throws {
        let progress = Progress(
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

    /// Goes on where a checkpoint was written.
    ///
    /// - Returns: False if there is none of this very training: there is no such file, it is damaged, or
    ///   settings or examples were others.
    public mutating func resume(from path: String) -> Bool {
        guard let file = try? WeightFile.open(path),
            let text = file.metadata[Self.metadataKey],
            let progress = try? JSONDecoder().decode(Progress.self, from: Data(text.utf8)),
            progress.digest == digest, progress.order.draws(like: order),
            let values = Self.rows(file, "values", width: layout.count)?.first,
            let moments = Self.rows(
                file, "first_moments", width: optimizer.firstMoments.count)?.first,
            let squares = Self.rows(
                file, "second_moments", width: optimizer.secondMoments.count)?.first
        else { return false }
        self.values.update(from: values)
        optimizer.firstMoments.update(from: moments)
        optimizer.secondMoments.update(from: squares)
        optimizer.step = progress.lossCurve.count
        stepCount = progress.lossCurve.count
        lossCurve = progress.lossCurve
        validationCurve = progress.validationCurve
        order = progress.order
        dropout = progress.dropout
        kept = Self.rows(file, "kept", width: layout.count) ?? []
        if let loss = progress.bestLoss, let evaluation = progress.bestEvaluation,
            let values = Self.rows(file, "best", width: layout.count)?.first
        {
            best = (loss, evaluation, values)
        }
        return true
    }

    /// SHA-256 over settings, initial head and examples, in hexadecimal: what tells this training from
    /// others.
    static func digest(
        of settings: TrainingSettings, initial: RewardHead, training: [Example],
        validation: [Example]
    ) -> String {
        var hash = SHA256()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        if let data = try? encoder.encode(settings) { hash.update(data: data) }
        initial.values.withUnsafeBytes { hash.update(bufferPointer: $0) }
        for (part, examples) in [training, validation].enumerated() {
            hash.update(data: Data("part \(part)\n".utf8))
            for example in examples {
                example.embedding.withUnsafeBytes { hash.update(bufferPointer: $0) }
                let rest: [Any] = [
                    example.label, example.isProxy, example.weight, example.isPerturbed,
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
            tensor.elementType == .f32, tensor.shape[0] <= 1000
        else { return nil }
        let floats = tensor.floats()
        return (0..<tensor.shape[0]).map { Array(floats[$0 * width..<($0 + 1) * width]) }
    }
}
