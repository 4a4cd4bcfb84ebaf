import CGANRM
import Encoders
import Foundation
import GANRM
import Media
import Reward

/// `ganrm_settings`, checked.
struct FilterSettings {
    private var model: String
    private var encoder: String?
    private var weights: String?
    private var kind: MediaKind
    private var precision: PrecisionChoice
    private var threadCount: Int
    /// Nil: the reward model's.
    private var isWindow: Bool?
    private var frameCount: Int?
    private var stride: Int?
    private var hop: Int?

    init(_ settings: ganrm_settings) throws(FilterFailure) {
        func refuse(_ field: String, _ value: CInt) -> FilterFailure {
            FilterFailure(
                code: GANRM_ERROR_ARGUMENT, message: "ganrm_settings.\(field) cannot be \(value)")
        }
        func optional(
            _ value: CInt, _ field: String, upTo largest: CInt
        ) throws(FilterFailure) -> Int? {
            guard (0...largest).contains(value) else { throw refuse(field, value) }
            return value == 0 ? nil : Int(value)
        }
        model = settings.model.map { String(cString: $0) } ?? "default"
        encoder = settings.encoder.map { String(cString: $0) }
        weights = settings.weights.map { String(cString: $0) }
        switch Int(settings.kind) {
        case GANRM_KIND_VIDEO: kind = .video
        case GANRM_KIND_IMAGE: kind = .image
        default: throw refuse("kind", settings.kind)
        }
        switch Int(settings.sampling) {
        case GANRM_SAMPLING_MODEL: isWindow = nil
        case GANRM_SAMPLING_WINDOW: isWindow = true
        case GANRM_SAMPLING_UNIFORM: isWindow = false
        default: throw refuse("sampling", settings.sampling)
        }
        switch Int(settings.precision) {
        case GANRM_PRECISION_AUTO: precision = .automatic
        case GANRM_PRECISION_F32: precision = .f32
        case GANRM_PRECISION_BF16: precision = .bf16
        default: throw refuse("precision", settings.precision)
        }
        frameCount = try optional(settings.frames, "frames", upTo: 4096)
        stride = try optional(settings.stride, "stride", upTo: 1_000_000)
        hop = try optional(settings.hop, "hop", upTo: 1_000_000_000)
        threadCount =
            try optional(settings.threads, "threads", upTo: 1024)
            ?? ProcessInfo.processInfo.activeProcessorCount
    }

    /// Loads the reward model and the encoder of this kind.
    func filter() throws -> RewardFilter {
        var loading = ModelLoading(precision: precision, threadCount: threadCount)
        if encoder != nil || weights != nil {
            let name = try encoder ?? nameOfEncoder()
            loading.sources[kind] = EncoderSource(name: name, weights: weights)
        }
        let scorer = try loading.scorer(model: model)
        return try RewardFilter(scorer, kind: kind, sampling: sampling(of: scorer.model.sampling))
    }

    /// Which encoder the reward model was trained with.
    private func nameOfEncoder() throws -> String {
        try RewardModel.load(DefaultModel.path(ofModel: model)).encoder(for: kind).name
    }

    /// The reward model's own, changed where the settings say something.
    private func sampling(of model: Sampling) -> Sampling {
        let frameCount = frameCount ?? model.frameCount
        if isWindow == false {
            return .uniform(UniformSampling(frameCount: frameCount))
        }
        guard case .window(var window) = SamplingPlan(file: model).stream else {
            return model
        }
        window.frameCount = frameCount
        if let stride { window.step = .stride(stride) }
        if let hop { window.hop = hop }
        return .window(window)
    }
}
