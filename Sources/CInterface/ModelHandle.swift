import CGANRM
import Encoders
import Foundation
import Frames
import Reward
import Scoring

/// The object behind an opaque `ganrm_model`: a reward model, whose encoders are loaded by the
/// first filter that needs them, and the caller's log.
final class ModelHandle: Sendable {
    let scorer: Scorer
    let name: CString
    let fingerprint: CString
    let log: MessageLog
    private let threadCount: Int

    init(_ settings: ganrm_model_settings) throws(InterfaceError) {
        let precision: PrecisionChoice =
            switch Int(settings.precision) {
            case GANRM_PRECISION_AUTO: .automatic
            case GANRM_PRECISION_F32: .f32
            case GANRM_PRECISION_BF16: .bf16
            case GANRM_PRECISION_INT8: .int8
            default:
                throw .setting("ganrm_model_settings.precision", settings.precision)
            }
        do {
            _ = try CPULevel.ofEnvironment()
        } catch {
            throw InterfaceError(code: GANRM_ERROR_ARGUMENT, message: "\(error)")
        }
        threadCount =
            try chosen("ganrm_model_settings.threads", settings.threads, upTo: 1024)
            ?? ProcessInfo.processInfo.activeProcessorCount
        log = MessageLog(settings)
        let name = settings.model.map { String(cString: $0) } ?? "default"
        let encoder = settings.encoder.map { String(cString: $0) }
        let weights = settings.weights.map { String(cString: $0) }
        do {
            var loading = ModelLoader(precision: precision, threadCount: threadCount)
            if encoder != nil || weights != nil {
                // Weights without an encoder name belong to the encoder that the model was trained
                // with.
                let model = try RewardModel.load(DefaultModel.path(ofModel: name))
                for kind in MediaKind.allCases {
                    let modelEncoder = try model.encoder(for: kind).name
                    loading.sources[kind] = EncoderSource(
                        name: encoder ?? modelEncoder, weights: weights)
                }
            }
            scorer = try loading.scorer(model: name)
        } catch {
            throw InterfaceError(code: GANRM_ERROR_MODEL, message: "\(error)")
        }
        for warning in scorer.warnings { log.write(GANRM_LOG_WARNING, warning) }
        self.name = CString(name)
        fingerprint = CString(scorer.model.shortFingerprint)
    }

    /// Opens a filter; loads the encoder if no other filter has done so.
    ///
    /// - Throws: `GANRM_ERROR_ARGUMENT` for settings that the model does not support,
    ///   `GANRM_ERROR_MODEL` if the encoder cannot be loaded.
    func filter(_ settings: FilterSettings) throws(InterfaceError) -> RewardFilter {
        do {
            let filter = try RewardFilter(
                scorer, kind: settings.kind, sampling: settings.sampling(of: scorer.model),
                videoLength: settings.videoLength, frameRate: settings.frameRate)
            let encoder = try scorer.encoders.encoder(for: settings.kind)
            log.write(
                GANRM_LOG_INFO,
                """
                reward model '\(scorer.name)' (\(scorer.model.shortFingerprint)), \(encoder.name) in \
                \(encoder.precision.rawValue) on \(threadCount) threads, \(filter.sampling)
                """)
            return filter
        } catch let error as FrameError {
            throw InterfaceError(code: GANRM_ERROR_ARGUMENT, message: "\(error)")
        } catch {
            throw InterfaceError(code: GANRM_ERROR_MODEL, message: "\(error)")
        }
    }
}

extension InterfaceError {
    /// `GANRM_ERROR_ARGUMENT` for a field whose value is out of range.
    static func setting(_ field: String, _ value: some Numeric) -> InterfaceError {
        InterfaceError(code: GANRM_ERROR_ARGUMENT, message: "\(field) cannot be \(value)")
    }
}

/// The value of an integer setting; nil for 0, which stands for the default.
///
/// - Throws: `GANRM_ERROR_ARGUMENT` unless the value is in `0...largest`.
func chosen(
    _ field: String, _ value: CInt, upTo largest: CInt
) throws(InterfaceError) -> Int? {
    guard (0...largest).contains(value) else { throw .setting(field, value) }
    return value == 0 ? nil : Int(value)
}
