public import Encoders
import Files
import Foundation
import Scoring

/// The expected logits of the reference clips for one reward model: a JSON file beside the default
/// model.
public struct ReferenceScores: Codable, Sendable, Hashable {
    /// The reward model's fingerprint.
    public var fingerprint: String
    /// Logits by the name of the clip, then by the name of the precision.
    public var logits: [String: [String: Double]] = [:]

    public init(fingerprint: String) { self.fingerprint = fingerprint }

    /// Reads the scores of the default model from `default.reference.json` in its folder.
    ///
    /// - Throws: `ScoringError.noDefaultModel`; `PipelineError.file` for a missing or damaged file.
    public static func ofDefaultModel() throws -> ReferenceScores {
        let path = URL(fileURLWithPath: try DefaultModel.path())
            .deletingPathExtension().appendingPathExtension("reference.json").path
        do {
            return try JSONDecoder().decode(
                ReferenceScores.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw PipelineError.file(
                FileError(.read, path, .file("no file of reference scores; install ganrm again")))
        }
    }

    public subscript(clip: String, precision: Precision) -> Double? {
        get { logits[clip]?[precision.rawValue] }
        set { logits[clip, default: [:]][precision.rawValue] = newValue }
    }

    /// - Throws: `PipelineError.file`.
    public func write(to path: String) throws {
        let encoder = JSONEncoder.sorted
        encoder.outputFormatting.insert(.prettyPrinted)
        let json = try encoder.encode(self) + Data("\n".utf8)
        try AtomicFile.write(json, to: path, failing: PipelineError.file)
    }
}
