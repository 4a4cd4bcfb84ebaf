import Frames

/// A degradation and its strength: it lowers the quality of a clip and keeps its content.
public struct Degradation: Sendable, Hashable {
    /// The operation that degrades the frames.
    public enum Damage: Sendable, Hashable {
        case kind(Kind)
        /// A custom filter graph as for `ffmpeg -vf`, with the placeholders of `FrameFiltering`.
        case filters(String)
    }

    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Gaussian blur, σ 0.6 to 5 pixels.
        case blur
        /// Noise, independent in each frame.
        case noise
        /// Block artefacts of H.264 or MPEG-4 at a low bit rate.
        case blocks
        /// Too little or too much saturation, or a colour cast.
        case colour
        /// Downscaling by a factor of 1.4 to 6, then upscaling.
        case resolution
        /// Box blur with a side of 3 to 17 pixels.
        case box
        /// Directional blur with a radius of 2 to 20 pixels, at any angle.
        case motionBlur = "motion_blur"
        /// Oversharpening, with halos at edges.
        case sharpen
        /// Loss of detail between edges by a median or bilateral filter.
        case smooth
        /// Pixelation with blocks of 2 to 9 pixels.
        case pixelate
        /// Quantization of the channels, 0...255, to steps of 24 to 96.
        case banding
        /// Horizontal shift of Cb and Cr in opposite directions by 2 to 12 pixels.
        case chromaShift = "chroma_shift"
        /// Luma noise, independent in each frame or the same in all.
        case grain
        /// Too low or too high contrast or gamma.
        case tone
        /// Ringing at edges, from a sharp low-pass filter at 1/1.4 to 1/5 of the highest frequency.
        case ringing
        /// Sinusoidal warp with 2 to 5 waves and an amplitude of 0.4 % to 3.4 % of the frame's
        /// sides.
        case warp
        /// Freeze of the last 20 % to 90 % of the frames.
        case freeze
        /// Random order of frames, within a window of 4 % to 100 % of the video.
        case shuffle
        /// Repeated frames: from one of every four repeating the frame before, to each shown four
        /// times.
        case stutter
        /// Removal of one run of 15 % to 50 % of the frames.
        case cut
        /// Removal of one to five frames after every three.
        case skip
        /// Random brightness, contrast or hue in each frame.
        case flicker
        /// Random shift of each frame by up to 0.5 % to 5 % of its sides.
        case jitter
        /// Blending of each frame with up to five previous ones.
        case ghost
        /// Contrast, saturation, brightness or hue that drifts over time.
        case drift
        /// Independent random movement of the frame's corners by up to 1 % to 9 % of its width.
        case wobble

        /// Spatial degradations, visible in each frame.
        public static let spatial: [Kind] = [
            .blur, .noise, .blocks, .colour, .resolution, .box, .motionBlur, .sharpen, .smooth,
            .pixelate, .banding, .chromaShift, .grain, .tone, .ringing, .warp,
        ]
        /// Temporal degradations, visible only across frames; they do not change an image.
        public static let temporal: [Kind] = [
            .freeze, .shuffle, .stutter, .cut, .skip, .flicker, .jitter, .ghost, .drift, .wobble,
        ]
    }

    public static let strengths = 1...5

    public var damage: Damage
    /// Strength, 1 to 5: larger values count as 5, and 0 means no degradation. Custom filters
    /// always have strength 5.
    public var strength: Int
    /// Selects the variant of the kind and seeds noise and shuffling. The variant does not depend
    /// on the strength.
    public var seed: UInt32

    public init(kind: Kind, strength: Int, seed: UInt32 = 0) {
        damage = .kind(kind)
        self.strength = strength
        self.seed = seed
    }

    public init(filters: String) {
        damage = .filters(filters)
        strength = Self.strengths.upperBound
        seed = 0
    }

    /// The kind; nil for custom filters.
    public var kind: Kind? {
        if case .kind(let kind) = damage { kind } else { nil }
    }

    /// The name in result rows: the kind, or the custom filters.
    public var name: String {
        switch damage {
        case .kind(let kind): kind.rawValue
        case .filters(let filters): filters
        }
    }

    /// The degradation, then H.264 with CRF 20: the compression artefacts do not reveal the filter.
    public var filtering: FrameFiltering {
        FrameFiltering((strength > 0 ? [step] : []) + [.encode(.h264(crf: 20))])
    }

    private var step: FrameFiltering.Step {
        switch damage {
        case .kind(let kind): step(of: kind)
        case .filters(let filters): .filters(filters)
        }
    }

    private func step(of kind: Kind) -> FrameFiltering.Step {
        switch kind {
        case .blur:
            .filters("gblur=sigma=\(choose([0.6, 1.2, 2, 3.2, 5]))")
        case .noise:
            .filters(
                "noise=alls=\(choose([6, 12, 20, 32, 48])):allf=t:all_seed=\(seed & 0x7fff_ffff)")
        case .blocks:
            .encode(
                seed.isMultiple(of: 2)
                    ? .h264(crf: choose([30, 35, 40, 45, 50]), preset: "veryfast")
                    : .mpeg4(quantiser: choose([5, 9, 14, 21, 31])))
        case .colour:
            .filters(colour)
        case .resolution:
            .filters(scaled(by: choose([1.4, 2, 2.8, 4, 6]), flags: "bicubic"))
        case .box:
            .filters("boxblur=\(choose([1, 2, 3, 5, 8]))")
        case .motionBlur:
            .filters("dblur=angle=\(seed % 180):radius=\(choose([2, 4, 7, 12, 20]))")
        case .sharpen:
            .filters("unsharp=5:5:\(choose([0.6, 1, 1.6, 2.5, 4]))")
        case .smooth:
            .filters(
                seed.isMultiple(of: 2)
                    ? "median=radius=\(choose([1, 2, 3, 4, 6]))"
                    : "bilateral=sigmaS=\(choose([1, 2, 3, 5, 8])):sigmaR=\(choose([0.05, 0.1, 0.15, 0.2, 0.3]))"
            )
        case .pixelate:
            .filters(scaled(by: choose([2, 3, 4, 6, 9]), flags: "neighbor"))
        case .banding:
            .filters(banding)
        case .chromaShift:
            .filters("chromashift=cbh=\(shift):crh=\(-shift)")
        case .grain:
            .filters(
                "noise=c0s=\(choose([8, 14, 22, 34, 50])):c0f=\(seed.isMultiple(of: 2) ? "t+u" : "u")"
                    + ":all_seed=\(seed & 0x7fff_ffff)")
        case .tone:
            .filters(tone)
        case .ringing:
            .filters(scaled(by: choose([1.4, 1.8, 2.5, 3.5, 5]), flags: "sinc", shrinking: "sinc"))
        case .warp:
            .filters(warp)
        case .freeze:
            // Overlays the moving frames on all; `overlay` repeats the last of them to the end.
            .videoFilters(
                "split[all][some];[some]select='lt(n,max(1,round({frames}*\(choose(Self.moving)))))'"
                    + "[moving];[all][moving]overlay=eof_action=repeat:format=auto")
        case .shuffle:
            .videoFilters(
                "random=frames='clip({frames}*\(choose([0.04, 0.1, 0.25, 0.5, 1])),2,512)'"
                    + ":seed=\(seed)")
        case .stutter:
            .videoFilters(stutter)
        case .cut:
            .videoFilters(cut)
        case .skip:
            .videoFilters(
                "select='lt(mod(n+\(seed % 8),\(choose([4, 5, 6, 7, 8]))),3)',\(Self.closeGaps)")
        case .flicker:
            .videoFilters(flicker)
        case .jitter:
            .videoFilters(jitter)
        case .ghost:
            .videoFilters("tmix=frames=\(choose([2, 2, 3, 4, 6])):weights=\(choose(Self.weights))")
        case .drift:
            .videoFilters(drift)
        case .wobble:
            .videoFilters(wobble)
        }
    }

    /// Drops frames and repeats the ones before them.
    private var stutter: String {
        let (period, shown) = choose([(4, 3), (3, 2), (2, 1), (3, 1), (4, 1)])
        return "select='lt(mod(n,\(period)),\(shown))',fps=source_fps"
    }

    /// Renumbers the timestamps, so that removed frames leave no gap.
    private static let closeGaps = "setpts=N/(FRAME_RATE*TB)"

    /// Weights of the previous frames, oldest first, and of the frame itself, by strength.
    private static let weights = ["1 3", "1 1", "1 1 1", "1 1 1 1", "1 1 1 1 1 1"]

    /// The run starts at 30 % to 70 % of the possible positions, not before the second frame.
    private var cut: String {
        let length = "max(1,round({frames}*\(choose([0.15, 0.22, 0.3, 0.4, 0.5]))))"
        let begin = "max(1,round(({frames}-\(length))*\(Double(3 + seed % 5) / 10)))"
        return "select='lt(n,\(begin))+gte(n,\(begin)+\(length))',\(Self.closeGaps)"
    }

    /// A filter expression for a pseudo-random value in −1...1 that differs in each frame.
    ///
    /// - Parameters:
    ///   - stream: Index of the random sequence.
    ///   - frame: The filter's variable for the frame index.
    private func random(_ stream: Int, frame: String = "n") -> String {
        "sin(\(frame)*\(37.719 + 13.137 * Double(stream))+\(seed % 1000))"
    }

    private var flicker: String {
        let amplitude = choose([0.03, 0.06, 0.1, 0.16, 0.25])
        switch seed % 3 {
        case 0: return "eq=brightness='\(amplitude)*\(random(0))':eval=frame"
        case 1: return "eq=contrast='1+\(2 * amplitude)*\(random(0))':eval=frame"
        default: return "hue=h='\(200 * amplitude)*\(random(0))'"
        }
    }

    /// The frame is enlarged first, so that no border becomes visible.
    private var jitter: String {
        let share = choose([0.005, 0.01, 0.018, 0.03, 0.05])
        func offset(_ side: String, _ stream: Int) -> String {
            "'(i\(side)-o\(side))/2*(1+\(random(stream)))'"
        }
        return
            "scale='2*round(iw*\(1 + 2 * share)/2)':'2*round(ih*\(1 + 2 * share)/2)':flags=bicubic,"
            + "crop={width}:{height}:\(offset("w", 0)):\(offset("h", 1))"
    }

    private var drift: String {
        let change = choose([0.15, 0.3, 0.5, 0.75, 1])
        let sign = seed / 4 % 2 == 0 ? 1.0 : -1
        let time = "(n/{frames})"
        switch seed % 4 {
        case 0: return "eq=contrast='1+\(0.7 * sign * change)*\(time)':eval=frame"
        case 1: return "eq=saturation='1+\(sign > 0 ? 2 * change : -change)*\(time)':eval=frame"
        case 2: return "eq=brightness='\(0.35 * sign * change)*\(time)':eval=frame"
        default: return "hue=h='\(90 * sign * change)*\(time)'"
        }
    }

    private var wobble: String {
        let share = choose([0.01, 0.02, 0.035, 0.06, 0.09])
        func moved(_ corner: Int, _ side: String, _ axis: Int) -> String {
            "'\(side)+W*\(share)*\(random(corner + 4 * axis, frame: "on"))'"
        }
        let corners = ["0", "W", "0", "W"].enumerated().map { corner, side in
            "x\(corner)=\(moved(corner, side, 0)):y\(corner)=\(moved(corner, corner < 2 ? "0" : "H", 1))"
        }.joined(separator: ":")
        return "perspective=\(corners):eval=frame"
    }

    /// Fraction of frames before the freeze, by strength.
    private static let moving = [0.8, 0.65, 0.5, 0.3, 0.1]

    private var colour: String {
        switch seed % 3 {
        case 0: return "eq=saturation=\(choose([0.8, 0.6, 0.4, 0.2, 0]))"
        case 1: return "eq=saturation=\(choose([1.3, 1.6, 2, 2.5, 3]))"
        default:
            let casts = [
                ("rr", "gg"), ("rr", "bb"), ("gg", "rr"), ("gg", "bb"), ("bb", "rr"), ("bb", "gg"),
            ]
            let (more, less) = casts[Int(seed / 3 % 6)]
            let cast = choose([0.08, 0.16, 0.26, 0.38, 0.52])
            return "colorchannelmixer=\(more)=\(1 + cast / 2):\(less)=\(1 - cast)"
        }
    }

    /// Horizontal chroma shift in pixels; its direction depends on the seed.
    private var shift: Int { choose([2, 3, 5, 8, 12]) * (seed.isMultiple(of: 2) ? 1 : -1) }

    private var banding: String {
        let step = choose([24, 32, 48, 64, 96])
        let value = "'trunc(val/\(step))*\(step)+\(step / 2)'"
        return "lutrgb=r=\(value):g=\(value):b=\(value)"
    }

    private var tone: String {
        switch seed % 4 {
        case 0: "eq=contrast=\(choose([0.85, 0.7, 0.55, 0.4, 0.28]))"
        case 1: "eq=contrast=\(choose([1.2, 1.4, 1.7, 2.1, 2.6]))"
        case 2: "eq=gamma=\(choose([0.8, 0.65, 0.5, 0.38, 0.28]))"
        default: "eq=gamma=\(choose([1.25, 1.5, 1.9, 2.4, 3.2]))"
        }
    }

    /// The displacement is 0 at the frame's edges.
    private var warp: String {
        let share = choose([0.004, 0.008, 0.014, 0.022, 0.034])
        let waves = 2 + seed % 4
        func warped(_ along: String, _ side: String, by across: String, _ other: String) -> String {
            let phase = "2*PI*\(waves)*\(across)/\(other)+\(seed / 4 % 6)"
            return "\(along)+\(share)*\(side)*sin(\(phase))*sin(PI*\(along)/\(side))"
        }
        let from = "(\(warped("X", "W", by: "Y", "H")),\(warped("Y", "H", by: "X", "W")))"
        return "geq=lum='lum\(from)':cb='cb\(from)':cr='cr\(from)'"
    }

    /// Downscales by a factor and upscales again.
    ///
    /// - Parameters:
    ///   - flags: Scaler flags for upscaling.
    ///   - shrinking: Scaler flags for downscaling.
    private func scaled(
        by factor: Double, flags: String, shrinking: String = "area"
    ) -> String {
        let sides = ["iw", "ih"].map { "'max(2,round(\($0)/\(factor)/2)*2)'" }
        return "scale=\(sides[0]):\(sides[1]):flags=\(shrinking),"
            + "scale={width}:{height}:flags=\(flags)"
    }

    /// The value for the strength.
    private func choose<Value>(_ values: [Value]) -> Value {
        values[Self.strengths.clamp(strength) - 1]
    }
}
