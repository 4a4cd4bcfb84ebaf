/// Degradations of colour and brightness, in all frames alike or over time.
extension Degradation.Kind {
    /// Too little or too much saturation, or a colour cast.
    public static let colour = Self("colour") { degradation in
        let seed = degradation.seed
        switch seed % 3 {
        case 0: return "eq=saturation=\(degradation.byStrength(0.8, 0.6, 0.4, 0.2, 0))"
        case 1: return "eq=saturation=\(degradation.byStrength(1.3, 1.6, 2, 2.5, 3))"
        default:
            let casts = [
                ("rr", "gg"), ("rr", "bb"), ("gg", "rr"), ("gg", "bb"), ("bb", "rr"), ("bb", "gg"),
            ]
            let (more, less) = casts[Int(seed / 3 % 6)]
            let cast = degradation.byStrength(0.08, 0.16, 0.26, 0.38, 0.52)
            return "colorchannelmixer=\(more)=\(1 + cast / 2):\(less)=\(1 - cast)"
        }
    }

    /// Too low or too high contrast or gamma.
    public static let tone = Self("tone") {
        switch $0.seed % 4 {
        case 0: "eq=contrast=\($0.byStrength(0.85, 0.7, 0.55, 0.4, 0.28))"
        case 1: "eq=contrast=\($0.byStrength(1.2, 1.4, 1.7, 2.1, 2.6))"
        case 2: "eq=gamma=\($0.byStrength(0.8, 0.65, 0.5, 0.38, 0.28))"
        default: "eq=gamma=\($0.byStrength(1.25, 1.5, 1.9, 2.4, 3.2))"
        }
    }

    /// Quantization of the channels, 0...255, to steps of 24 to 96.
    public static let banding = Self("banding") {
        let step = $0.byStrength(24, 32, 48, 64, 96)
        let value = "'trunc(val/\(step))*\(step)+\(step / 2)'"
        return "lutrgb=r=\(value):g=\(value):b=\(value)"
    }

    /// Horizontal shift of Cb and Cr in opposite directions by 2 to 12 pixels.
    public static let chromaShift = Self("chroma_shift") {
        let shift = $0.byStrength(2, 3, 5, 8, 12) * ($0.seed.isMultiple(of: 2) ? 1 : -1)
        return "chromashift=cbh=\(shift):crh=\(-shift)"
    }

    /// Random brightness, contrast or hue in each frame.
    public static let flicker = Self("flicker", isTemporal: true) {
        let amplitude = $0.byStrength(0.03, 0.06, 0.1, 0.16, 0.25)
        switch $0.seed % 3 {
        case 0: return "eq=brightness='\(amplitude)*\($0.random(0))':eval=frame"
        case 1: return "eq=contrast='1+\(2 * amplitude)*\($0.random(0))':eval=frame"
        default: return "hue=h='\(200 * amplitude)*\($0.random(0))'"
        }
    }

    /// Contrast, saturation, brightness or hue that drifts over time.
    public static let drift = Self("drift", isTemporal: true) {
        let change = $0.byStrength(0.15, 0.3, 0.5, 0.75, 1)
        let sign = $0.seed / 4 % 2 == 0 ? 1.0 : -1
        let time = "(n/{frames})"
        switch $0.seed % 4 {
        case 0: return "eq=contrast='1+\(0.7 * sign * change)*\(time)':eval=frame"
        case 1: return "eq=saturation='1+\(sign > 0 ? 2 * change : -change)*\(time)':eval=frame"
        case 2: return "eq=brightness='\(0.35 * sign * change)*\(time)':eval=frame"
        default: return "hue=h='\(90 * sign * change)*\(time)'"
        }
    }
}
