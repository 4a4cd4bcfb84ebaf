public import Frames

/// Changes to the default sampling of a reward model or an encoder; nil keeps its value.
public struct SamplingOverrides: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case uniform, window
    }

    /// Nil keeps the kind for files, and selects windows for streams.
    public var kind: Kind?
    /// Frames per clip, T.
    public var frameCount: Int?
    /// `uniform`: frames that follow each other; divides the frame count.
    public var burst: Int?
    /// `window`: distance between the frames of a clip. Selects `window`.
    public var step: WindowSampling.Step?
    /// `window`: frames from the start of a clip to that of the next. Selects `window`.
    public var hop: Int?

    public init(
        kind: Kind? = nil, frameCount: Int? = nil, burst: Int? = nil,
        step: WindowSampling.Step? = nil, hop: Int? = nil
    ) {
        self.kind = kind
        self.frameCount = frameCount
        self.burst = burst
        self.step = step
        self.hop = hop
    }

    /// The sampling of files and of streams.
    ///
    /// - Parameter sampling: Default sampling of files.
    /// - Throws: `FrameError.invalidSampling`.
    public func plan(for sampling: Sampling) throws(FrameError) -> SamplingPlan {
        let frameCount = frameCount ?? sampling.frameCount
        let plan: SamplingPlan
        if kind == .window || step != nil || hop != nil {
            plan = SamplingPlan(
                .window(
                    WindowSampling(frameCount: frameCount, step: step ?? .stride(1), hop: hop)))
        } else if kind == .uniform || self.frameCount != nil || burst != nil {
            var uniform = UniformSampling(frameCount: frameCount)
            if case .uniform(let standard) = sampling.with(frameCount: frameCount) {
                uniform = standard
            }
            uniform.burst = burst ?? uniform.burst
            plan =
                kind == .uniform
                ? SamplingPlan(.uniform(uniform)) : SamplingPlan(file: .uniform(uniform))
        } else {
            plan = SamplingPlan(file: sampling)
        }
        try plan.file.validate()
        try plan.stream.validate()
        return plan
    }
}
