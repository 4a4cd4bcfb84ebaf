import CGANRM
import Encoders
import Foundation
import Frames
import Reward
import Scoring

/// What an opaque `ganrm_model` points to: a reward model whose encoders are loaded when a filter
/// needs them, and the program's log.
final class ModelHandle: Sendable {
    let scorer: Scorer
    let name: CString
    let fingerprint: CString
    let log: MessageLog
    private let threadCount: Int

    init(_ settings: ganrm_model_settings) throws(FilterFailure) {
        let precision: PrecisionChoice =
            switch Int(settings.precision) {
            case GANRM_PRECISION_AUTO: .automatic
            case GANRM_PRECISION_F32: .f32
            case GANRM_PRECISION_BF16: .bf16
            case GANRM_PRECISION_INT8: .int8
            default:
                throw .setting("ganrm_model_settings.precision", settings.precision)
            }
        threadCount =
            try chosen("ganrm_model_settings.threads", settings.threads, upTo: 1024)
            ?? ProcessInfo.processInfo.activeProcessorCount
        log = MessageLog(settings)
        let name = settings.model.map { String(cString: $0) } ?? "default"
        let encoder = settings.encoder.map { String(cString: $0) }
        let weights = settings.weights.map { String(cString: $0) }
        do {
            var loading = ModelLoading(precision: precision, threadCount: threadCount)
            if encoder != nil || weights != nil {
                // Weights without a name are those of the encoder that the model was trained with.
                let model = try RewardModel.load(DefaultModel.path(ofModel: name))
                for kind in MediaKind.allCases {
                    let own = try model.encoder(for: kind).name
                    loading.sources[kind] = EncoderSource(name: encoder ?? own, weights: weights)
                }
            }
            scorer = try loading.scorer(model: name)
        } catch {
            throw FilterFailure(code: GANRM_ERROR_MODEL, message: "\(error)")
        }
        if let warning = scorer.warning { log.write(GANRM_LOG_WARNING, warning) }
        self.name = CString(name)
        fingerprint = CString(scorer.model.shortFingerprint)
    }

    /// Loads the encoder, if no filter has done so before.
    func filter(_ settings: FilterSettings) throws(FilterFailure) -> RewardFilter {
        do {
            let filter = try RewardFilter(
                scorer, kind: settings.kind, sampling: settings.sampling(of: scorer.model))
            let encoder = try scorer.encoders.encoder(for: settings.kind)
            log.write(
                GANRM_LOG_INFO,
                """
                reward model '\(scorer.name)' (\(scorer.model.shortFingerprint)), \(encoder.name) in \
                \(encoder.precision.rawValue) on \(threadCount) threads, \(filter.sampling)
                """)
            return filter
        } catch let error as MediaError {
            throw FilterFailure(code: GANRM_ERROR_ARGUMENT, message: "\(error)")
        } catch {
            throw FilterFailure(code: GANRM_ERROR_MODEL, message: "\(error)")
        }
    }
}

extension FilterFailure {
    static func setting(_ field: String, _ value: some Numeric) -> FilterFailure {
        FilterFailure(code: GANRM_ERROR_ARGUMENT, message: "\(field) cannot be \(value)")
    }
}

/// A number that a program sets, nil for 0.
func chosen(
    _ field: String, _ value: CInt, upTo largest: CInt
) throws(FilterFailure) -> Int? {
    guard (0...largest).contains(value) else { throw .setting(field, value) }
    return value == 0 ? nil : Int(value)
}
