/// Normalization of prepared frames: `(value / 255 − mean) / deviation`.
struct Normalization: Sendable {
    /// Mean of the red, green and blue channels, for values in 0…1.
    let mean: [Float]
    /// Standard deviation of the channels, for values in 0…1.
    let deviation: [Float]
    /// Normalized value of each 8-bit value per channel, `[3, 256]`.
    let table: [Float]

    init(mean: [Float], deviation: [Float]) {
        self.mean = mean
        self.deviation = deviation
        table = zip(mean, deviation).flatMap { mean, deviation in
            (0...255).map { value in (Float(value) / 255 - mean) / deviation }
        }
    }

    /// - Parameter value: A value of a channel, on the scale 0…255.
    func normalized(_ value: Float, channel: Int) -> Float {
        (value / 255 - mean[channel]) / deviation[channel]
    }
}
