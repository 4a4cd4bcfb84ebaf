import ArgumentParser
import Frames
import Scoring

/// Options for sampling clips from a video.
struct SamplingOptions: ParsableArguments {
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case uniform, window
    }

    @Option(
        help: """
            uniform: one clip, the middle frame of each of T intervals; window: a clip every --hop \
            frames, one score each, in constant memory (default: as the reward model was trained; \
            window for standard input, live streams and --per clip).
            """)
    var sampling: Kind?

    @Option(help: "Frames per clip, T (default: the encoder's; 8 for an image encoder).")
    var frames: Int?

    @Option(
        help: """
            Uniform: frames that follow each other, about an eighth of a second apart, in the middle of each of T / N \
            intervals (default: the reward model's; 1).
            """)
    var burst: Int?

    @Option(help: "Window: take every N-th frame (default: 1).")
    var stride: Int?

    @Option(help: "Window: take R frames per second of video, by their time stamps.")
    var clipRate: Double?

    @Option(help: "Window: frames from the start of a clip to the next (default: T × stride).")
    var hop: Int?

    func validate() throws {
        for (name, value) in [
            ("--frames", frames), ("--stride", stride), ("--hop", hop), ("--burst", burst),
        ] {
            if let value, value < 1 { throw ValidationError("\(name) is at least 1") }
        }
        if let clipRate, !(clipRate > 0) { throw ValidationError("--clip-rate is above 0") }
        if stride != nil && clipRate != nil {
            throw ValidationError("--stride counts frames, --clip-rate seconds; use one")
        }
        let isWindow = stride != nil || clipRate != nil || hop != nil
        if burst != nil && (isWindow || sampling == .window) {
            throw ValidationError("--burst goes with --sampling uniform")
        }
        if sampling == .uniform && isWindow {
            throw ValidationError("--stride, --clip-rate and --hop go with --sampling window")
        }
    }

    /// The sampling plan that the options describe.
    ///
    /// - Parameters:
    ///   - usual: Sampling of files where no option is given.
    ///   - perClip: Whether results are per clip rather than per input.
    func plan(usual: Sampling, perClip: Bool = false) throws -> SamplingPlan {
        let frameCount = frames ?? usual.frameCount
        let hasWindowOption = stride != nil || clipRate != nil || hop != nil
        let plan: SamplingPlan
        if sampling == .window || hasWindowOption || (perClip && sampling == nil) {
            plan = SamplingPlan(
                .window(
                    WindowSampling(
                        frameCount: frameCount,
                        step: clipRate.map { .clipRate($0) } ?? .stride(stride ?? 1), hop: hop)))
        } else if sampling == .uniform || frames != nil || burst != nil {
            var uniform = UniformSampling(frameCount: frameCount)
            if case .uniform(let sampling) = usual.with(frameCount: frameCount) {
                uniform = sampling
            }
            uniform.burst = burst ?? uniform.burst
            plan =
                sampling == .uniform
                ? SamplingPlan(.uniform(uniform)) : SamplingPlan(file: .uniform(uniform))
        } else {
            plan = SamplingPlan(file: usual)
        }
        try plan.file.validate()
        try plan.stream.validate()
        return plan
    }
}
