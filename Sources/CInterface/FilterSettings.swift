import CGANRM
import Frames
import Reward
import Scoring

/// Validated `ganrm_filter_settings`. Nil fields take the reward model's value.
struct FilterSettings {
    let kind: MediaKind
    /// Whether sampling is by windows (true) or uniform (false).
    private let isWindow: Bool?
    private let frameCount: Int?
    private let step: WindowSampling.Step?
    private let hop: Int?
    /// Frames of each stream; nil if unknown.
    let videoLength: Int?
    /// Frames per second of each stream; nil if unknown.
    let frameRate: Double?

    private static let largestLength: Int64 = 1 << 40
    private static let largestFrameRate = 1e6

    /// - Throws: `GANRM_ERROR_ARGUMENT` for a field out of range or fields that exclude each other.
    init(_ settings: ganrm_filter_settings) throws(InterfaceError) {
        let name = "ganrm_filter_settings"
        kind =
            switch Int(settings.kind) {
            case GANRM_KIND_VIDEO: .video
            case GANRM_KIND_IMAGE: .image
            default: throw .setting("\(name).kind", settings.kind)
            }
        isWindow =
            switch Int(settings.sampling) {
            case GANRM_SAMPLING_MODEL: nil
            case GANRM_SAMPLING_WINDOW: true
            case GANRM_SAMPLING_UNIFORM: false
            default: throw .setting("\(name).sampling", settings.sampling)
            }
        frameCount = try chosen("\(name).frames", settings.frames, upTo: 4096)
        hop = try chosen("\(name).hop", settings.hop, upTo: 1_000_000_000)
        let stride = try chosen("\(name).stride", settings.stride, upTo: 1_000_000)
        let rate = settings.clip_rate
        guard rate >= 0, rate <= 1000 else { throw .setting("\(name).clip_rate", rate) }
        guard stride == nil || rate == 0 else {
            throw InterfaceError(
                code: GANRM_ERROR_ARGUMENT,
                message: "stride counts frames, clip_rate seconds; set one of them")
        }
        step = stride.map { .stride($0) } ?? (rate > 0 ? .clipRate(rate) : nil)
        guard isWindow != false || (step == nil && hop == nil) else {
            throw InterfaceError(
                code: GANRM_ERROR_ARGUMENT,
                message: "stride, clip_rate and hop go with GANRM_SAMPLING_WINDOW")
        }
        guard (0...Self.largestLength).contains(settings.length) else {
            throw .setting("\(name).length", settings.length)
        }
        guard settings.frame_rate >= 0, settings.frame_rate <= Self.largestFrameRate else {
            throw .setting("\(name).frame_rate", settings.frame_rate)
        }
        guard isWindow == false || (settings.length == 0 && settings.frame_rate == 0) else {
            throw InterfaceError(
                code: GANRM_ERROR_ARGUMENT,
                message: "length and frame_rate go with GANRM_SAMPLING_UNIFORM")
        }
        videoLength = settings.length > 0 ? Int(settings.length) : nil
        frameRate = settings.frame_rate > 0 ? settings.frame_rate : nil
    }

    /// The reward model's sampling, overridden by these settings.
    func sampling(of model: RewardModel) -> Sampling {
        let modelSampling = RewardFilter.defaultSampling(model, kind: kind)
        guard isWindow != false, case .window(var window) = modelSampling else {
            let frames = frameCount ?? modelSampling.frameCount
            if case .uniform = model.sampling { return model.sampling.with(frameCount: frames) }
            return .uniform(UniformSampling(frameCount: frames))
        }
        window.frameCount = frameCount ?? window.frameCount
        window.step = step ?? window.step
        window.hop = hop ?? window.hop
        return .window(window)
    }
}

extension ganrm_filter_settings {
    /// The effective settings of a filter, as `ganrm_filter_get_settings()` returns them.
    init(_ kind: MediaKind, _ sampling: Sampling, videoLength: Int?, frameRate: Double?) {
        self.init()
        length = Int64(videoLength ?? 0)
        frame_rate = frameRate ?? 0
        self.kind = CInt(kind == .image ? GANRM_KIND_IMAGE : GANRM_KIND_VIDEO)
        frames = CInt(sampling.frameCount)
        guard case .window(let window) = sampling else {
            self.sampling = CInt(GANRM_SAMPLING_UNIFORM)
            return
        }
        self.sampling = CInt(GANRM_SAMPLING_WINDOW)
        switch window.step {
        case .stride(let stride):
            self.stride = CInt(stride)
            // 4096 frames of stride 1 000 000 span more frames than an int counts.
            hop = CInt(clamping: window.hop ?? window.frameCount * stride)
        case .clipRate(let rate):
            clip_rate = rate
            hop = CInt(window.hop ?? window.frameCount)
        }
    }
}
