import ArgumentParser
import Frames
import Scoring

/// Options for sampling clips from a video.
struct SamplingOptions: ParsableArguments {
    @Option(
        help: """
            uniform: one clip, the middle frame of each of T intervals; window: a clip every --hop \
            frames, one score each, in constant memory (default: as the reward model was trained; \
            window for standard input, live streams and --per clip).
            """)
    var sampling: SamplingOverrides.Kind?

    @Option(help: "Frames per clip, T (default: the encoder's; 8 for an image encoder).")
    var frames: Int?

    @Option(
        help: """
            Uniform: take N consecutive frames, about an eighth of a second apart, from the middle \
            of each of T / N intervals (default: the reward model's; 1).
            """)
    var burst: Int?

    @Option(help: "Window: take every N-th frame (default: 1).")
    var stride: Int?

    @Option(help: "Window: take this many frames per second of video, by timestamps.")
    var clipRate: Double?

    @Option(
        help: """
            Window: frames from the start of one clip to that of the next (default: T × stride).
            """)
    var hop: Int?

    func validate() throws {
        try OptionRange.check("--frames", frames, Sampling.frameCounts)
        try OptionRange.check("--burst", burst, Sampling.frameCounts)
        try OptionRange.check("--stride", stride, Sampling.strides)
        try OptionRange.check("--hop", hop, Sampling.hops)
        try OptionRange.checkPositive("--clip-rate", clipRate, upTo: Sampling.maximumClipRate)
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

    /// The changes that the options describe.
    ///
    /// - Parameter perClip: Whether results are per clip, which selects windows by default.
    func overrides(perClip: Bool = false) -> SamplingOverrides {
        SamplingOverrides(
            kind: sampling ?? (perClip ? .window : nil), frameCount: frames, burst: burst,
            step: clipRate.map { .clipRate($0) } ?? stride.map { .stride($0) }, hop: hop)
    }
}
