public import Encoders
import Foundation
import Scoring

/// What one reward model makes of the reference clips: a JSON file beside the default model.
public struct ReferenceScores: Codable, Sendable, Hashable {
    /// The reward model's.
    public var fingerprint: String
    /// The logit of each clip, by the clip's name and the precision's.
    public var logits: [String: [String: Double]] = [:]

    public init(fingerprint: String) { self.fingerprint = fingerprint }

    /// Those of the default model: `default.reference.json` in the same folder.
    ///
    /// - Throws: `ScoringError.noDefaultModel`, or `.unreadable` for a missing or damaged file.
    public static func ofDefaultModel() throws -> ReferenceScores {
        let path = URL(fileURLWithPath: try DefaultModel.path())
            .deletingPathExtension().appendingPathExtension("reference.json").path
        do {
            return try JSONDecoder().decode(
                ReferenceScores.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw GANRMError.unreadable(
                path: path, reason: "no file of reference scores; install ganrm again")
        }
    }

    public subscript(clip: String, precision: Precision) -> Double? {
        get { logits[clip]?[precision.rawValue] }
        set { logits[clip, default: [:]][precision.rawValue] = newValue }
    }

    /// - Throws: `GANRMError.unwritable`.
    public func write(to path: String) throws(GANRMError) {
        do {
            let encoder = JSONEncoder.sorted
            encoder.outputFormatting.insert(.prettyPrinted)
            try (encoder.encode(self) + Data("\n".utf8)).write(
                to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw .unwritable(path: path, reason: error.localizedDescription)
        }
    }
}
