import Frames

/// Damage and how strong it is: what makes a clip worse without making it another one.
public struct Degradation: Sendable, Hashable {
    public enum Damage: Sendable, Hashable {
        case kind(Kind)
        /// Filters of one's own, as after `ffmpeg -vf`, with the placeholders of `FrameTreatment`.
        case filters(String)
    }

    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Gaussian blur, σ 0.6 to 5 pixels.
        case blur
        /// Noise in every frame anew.
        case noise
        /// A coarse encoder's blocks.
        case blocks
        /// Too little or too much saturation, or a cast.
        case colour
        /// Shrunk by 1.4 to 6 and enlarged again.
        case resolution
        /// The mean of squares of 3 to 17 pixels.
        case box
        /// The mean along a line of 2 to 20 pixels, in any direction.
        case motionBlur = "motion_blur"
        /// Edges overdone, with halos.
        case sharpen
        /// Detail smoothed away between edges: a median, or a bilateral filter.
        case smooth
        /// Squares of 2 to 9 pixels of one colour.
        case pixelate
        /// Steps of 24 to 96 of 255 between the values of a channel.
        case banding
        /// Colours beside their place by 2 to 12 pixels.
        case chromaShift = "chroma_shift"
        /// Noise of brightness alone, anew in every frame or the same in all.
        case grain
        /// Too little or too much contrast, too dark or too bright in the middle tones.
        case tone
        /// Echoes of edges, as detail is cut off beyond a frequency: 1/1.4 to 1/5 of the highest.
        case ringing
        /// Bent in 2 to 5 waves, of 0.4 % to 3.4 % of the frame's sides.
        case warp
        /// The last 20 % to 90 % of the frames are held.
        case freeze
        /// Frames in random order, within 4 % of the video to the whole.
        case shuffle
        /// Of 4 frames one is held for the next, to each frame being held for four.
        case stutter
        /// A run of frames is missing, 15 % to 50 % of them.
        case cut
        /// After every three frames one to five are missing.
        case skip
        /// Brightness, contrast or hue change from frame to frame.
        case flicker
        /// The frame shakes, by 0.5 % to 5 % of its width.
        case jitter
        /// Frames are mixed with up to five before them.
        case ghost
        /// Contrast, saturation or brightness run away with time.
        case drift
        /// The frame's corners wander, each by itself, by 1 % to 9 % of its width.
        case wobble

        /// Those that are to be seen in each frame.
        public static let ofFrames: [Kind] = [
            .blur, .noise, .blocks, .colour, .resolution, .box, .motionBlur, .sharpen, .smooth,
            .pixelate, .banding, .chromaShift, .grain, .tone, .ringing, .warp,
        ]
        /// Those that are to be seen in how frames follow each other; a picture is not changed by them.
        public static let ofMotion: [Kind] = [
            .freeze, .shuffle, .stutter, .cut, .skip, .flicker, .jitter, .ghost, .drift, .wobble,
        ]
    }

    public static let strengths = 1...5

    public var damage: Damage
    /// 1 to 5; what is beyond counts as 5, and 0 as no damage: the clean end of a ladder. Filters are always of full
    /// strength.
    public var strength: Int
    /// Which variant of the kind, and the random numbers of noise and shuffling; variants do not depend on
    /// the strength.
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

    /// Nil for filters of one's own.
    public var kind: Kind? {
        if case .kind(let kind) = damage { kind } else { nil }
    }

    /// What it is called in rows: the kind, or the filters.
    public var name: String {
        switch damage {
        case .kind(let kind): kind.rawValue
        case .filters(let filters): filters
        }
    }

    /// The damage, then H.264 of CRF 20: what it was made with is not to be seen by its coding.
    public var treatment: FrameTreatment {
        FrameTreatment((strength > 0 ? [step] : []) + [.encode(.h264(crf: 20))])
    }

    private var step: FrameTreatment.Step {
        switch damage {
        case .kind(let kind): step(of: kind)
        case .filters(let filters): .filters(filters)
        }
    }

    private func step(of kind: Kind) -> FrameTreatment.Step {
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
            // The frames that still move, laid over all: the last of them stays to the end.
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
                "select='lt(mod(n+\(seed % 8),\(choose([4, 5, 6, 7, 8]))),3)',\(Self.closed)")
        case .flicker:
            .videoFilters(flicker)
        case .jitter:
            .videoFilters(jitter)
        case .ghost:
            .videoFilters("tmix=frames=\(choose([2, 2, 3, 4, 6])):weights=\(choose(Self.mixing))")
        case .drift:
            .videoFilters(drift)
        case .wobble:
            .videoFilters(wobble)
        }
    }

    /// Frames are left out, and those before them are shown for longer.
    private var stutter: String {
        let (period, shown) = choose([(4, 3), (3, 2), (2, 1), (3, 1), (4, 1)])
        return "select='lt(mod(n,\(period)),\(shown))',fps=source_fps"
    }

    /// Times without the gaps of frames that are missing.
    private static let closed = "setpts=N/(FRAME_RATE*TB)"

    /// What the frames before count, the oldest first, and the frame itself.
    private static let mixing = ["1 3", "1 1", "1 1 1", "1 1 1 1", "1 1 1 1 1 1"]

    /// Somewhere from the second frame on.
    private var cut: String {
        let length = "max(1,round({frames}*\(choose([0.15, 0.22, 0.3, 0.4, 0.5]))))"
        let begin = "max(1,round(({frames}-\(length))*\(Double(3 + seed % 5) / 10)))"
        return "select='lt(n,\(begin))+gte(n,\(begin)+\(length))',\(Self.closed)"
    }

    /// From −1 to 1, of another number in each frame.
    ///
    /// - Parameter frame: What the filter calls its number.
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

    /// Enlarged, so that no border is seen.
    private var jitter: String {
        let share = choose([0.005, 0.01, 0.018, 0.03, 0.05])
        func place(_ side: String, _ stream: Int) -> String {
            "'(i\(side)-o\(side))/2*(1+\(random(stream)))'"
        }
        return
            "scale='2*round(iw*\(1 + 2 * share)/2)':'2*round(ih*\(1 + 2 * share)/2)':flags=bicubic,"
            + "crop={width}:{height}:\(place("w", 0)):\(place("h", 1))"
    }

    private var drift: String {
        let most = choose([0.15, 0.3, 0.5, 0.75, 1])
        let sign = seed / 4 % 2 == 0 ? 1.0 : -1
        let time = "(n/{frames})"
        switch seed % 4 {
        case 0: return "eq=contrast='1+\(0.7 * sign * most)*\(time)':eval=frame"
        case 1: return "eq=saturation='1+\(sign > 0 ? 2 * most : -most)*\(time)':eval=frame"
        case 2: return "eq=brightness='\(0.35 * sign * most)*\(time)':eval=frame"
        default: return "hue=h='\(90 * sign * most)*\(time)'"
        }
    }

    private var wobble: String {
        let share = choose([0.01, 0.02, 0.035, 0.06, 0.09])
        func place(_ corner: Int, _ side: String, _ axis: Int) -> String {
            "'\(side)+W*\(share)*\(random(corner + 4 * axis, frame: "on"))'"
        }
        let corners = ["0", "W", "0", "W"].enumerated().map { corner, side in
            "x\(corner)=\(place(corner, side, 0)):y\(corner)=\(place(corner, corner < 2 ? "0" : "H", 1))"
        }.joined(separator: ":")
        return "perspective=\(corners):eval=frame"
    }

    /// The share of frames before the freeze, by strength.
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

    /// To one side or the other.
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

    /// Waves keep the frame's edges in their place.
    private var warp: String {
        let share = choose([0.004, 0.008, 0.014, 0.022, 0.034])
        let waves = 2 + seed % 4
        func place(_ along: String, _ side: String, by across: String, _ other: String) -> String {
            let phase = "2*PI*\(waves)*\(across)/\(other)+\(seed / 4 % 6)"
            return "\(along)+\(share)*\(side)*sin(\(phase))*sin(PI*\(along)/\(side))"
        }
        let from = "(\(place("X", "W", by: "Y", "H")),\(place("Y", "H", by: "X", "W")))"
        return "geq=lum='lum\(from)':cb='cb\(from)':cr='cr\(from)'"
    }

    /// - Parameters:
    ///   - flags: How it is enlarged again.
    ///   - shrinking: How it is shrunk.
    private func scaled(
        by factor: Double, flags: String, shrinking: String = "area"
    ) -> String {
        let sides = ["iw", "ih"].map { "'max(2,round(\($0)/\(factor)/2)*2)'" }
        return "scale=\(sides[0]):\(sides[1]):flags=\(shrinking),"
            + "scale={width}:{height}:flags=\(flags)"
    }

    /// The row's number for the strength.
    private func choose<Number>(_ row: [Number]) -> Number {
        row[Self.strengths.clamp(strength) - 1]
    }
}
