/// Degradations of shape and position.
extension Degradation.Kind {
    /// Sinusoidal warp with 2 to 5 waves and an amplitude of 0.4 % to 3.4 % of the frame's sides.
    /// The displacement is 0 at the frame's edges.
    public static let warp = Self("warp") { degradation in
        let share = degradation.byStrength(0.004, 0.008, 0.014, 0.022, 0.034)
        let waves = 2 + degradation.seed % 4
        func warped(_ along: String, _ side: String, by across: String, _ other: String) -> String {
            let phase = "2*PI*\(waves)*\(across)/\(other)+\(degradation.seed / 4 % 6)"
            return "\(along)+\(share)*\(side)*sin(\(phase))*sin(PI*\(along)/\(side))"
        }
        let from = "(\(warped("X", "W", by: "Y", "H")),\(warped("Y", "H", by: "X", "W")))"
        return "geq=lum='lum\(from)':cb='cb\(from)':cr='cr\(from)'"
    }

    /// Random shift of each frame by up to 0.5 % to 5 % of its sides. The frame is enlarged first,
    /// so that no border becomes visible.
    public static let jitter = Self("jitter", isTemporal: true) { degradation in
        let scale = 1 + 2 * degradation.byStrength(0.005, 0.01, 0.018, 0.03, 0.05)
        func offset(_ side: String, _ stream: Int) -> String {
            "'(i\(side)-o\(side))/2*(1+\(degradation.random(stream)))'"
        }
        return "scale='2*round(iw*\(scale)/2)':'2*round(ih*\(scale)/2)':flags=bicubic,"
            + "crop={width}:{height}:\(offset("w", 0)):\(offset("h", 1))"
    }

    /// Independent random movement of the frame's corners by up to 1 % to 9 % of its width.
    public static let wobble = Self("wobble", isTemporal: true) { degradation in
        let share = degradation.byStrength(0.01, 0.02, 0.035, 0.06, 0.09)
        func moved(_ corner: Int, _ side: String, _ axis: Int) -> String {
            "'\(side)+W*\(share)*\(degradation.random(corner + 4 * axis, frame: "on"))'"
        }
        let corners = ["0", "W", "0", "W"].enumerated().map { corner, side in
            "x\(corner)=\(moved(corner, side, 0)):y\(corner)=\(moved(corner, corner < 2 ? "0" : "H", 1))"
        }.joined(separator: ":")
        return "perspective=\(corners):eval=frame"
    }
}
