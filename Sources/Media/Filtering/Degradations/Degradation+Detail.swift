/// Degradations of detail: too little, too much, or false.
extension Degradation.Kind {
    /// Gaussian blur, σ 0.6 to 5 pixels.
    public static let blur = Self("blur") {
        "gblur=sigma=\($0.byStrength(0.6, 1.2, 2, 3.2, 5))"
    }

    /// Box blur with a side of 3 to 17 pixels.
    public static let box = Self("box") {
        "boxblur=\($0.byStrength(1, 2, 3, 5, 8))"
    }

    /// Directional blur with a radius of 2 to 20 pixels, at any angle.
    public static let motionBlur = Self("motion_blur") {
        "dblur=angle=\($0.seed % 180):radius=\($0.byStrength(2, 4, 7, 12, 20))"
    }

    /// Loss of detail between edges by a median or bilateral filter.
    public static let smooth = Self("smooth") {
        $0.seed.isMultiple(of: 2)
            ? "median=radius=\($0.byStrength(1, 2, 3, 4, 6))"
            : "bilateral=sigmaS=\($0.byStrength(1, 2, 3, 5, 8))"
                + ":sigmaR=\($0.byStrength(0.05, 0.1, 0.15, 0.2, 0.3))"
    }

    /// Oversharpening, with halos at edges.
    public static let sharpen = Self("sharpen") {
        "unsharp=5:5:\($0.byStrength(0.6, 1, 1.6, 2.5, 4))"
    }

    /// Downscaling by a factor of 1.4 to 6, then upscaling.
    public static let resolution = Self("resolution") {
        scaled(by: $0.byStrength(1.4, 2, 2.8, 4, 6), flags: "bicubic")
    }

    /// Pixelation with blocks of 2 to 9 pixels.
    public static let pixelate = Self("pixelate") {
        scaled(by: $0.byStrength(2, 3, 4, 6, 9), flags: "neighbor")
    }

    /// Ringing at edges, from a sharp low-pass filter at 1/1.4 to 1/5 of the highest frequency.
    public static let ringing = Self("ringing") {
        scaled(by: $0.byStrength(1.4, 1.8, 2.5, 3.5, 5), flags: "sinc", shrinking: "sinc")
    }

    /// Downscales by a factor and upscales again.
    ///
    /// - Parameters:
    ///   - flags: Scaler flags for upscaling.
    ///   - shrinking: Scaler flags for downscaling.
    private static func scaled(
        by factor: Double, flags: String, shrinking: String = "area"
    ) -> String {
        let sides = ["iw", "ih"].map { "'max(2,round(\($0)/\(factor)/2)*2)'" }
        return "scale=\(sides[0]):\(sides[1]):flags=\(shrinking),"
            + "scale={width}:{height}:flags=\(flags)"
    }
}
