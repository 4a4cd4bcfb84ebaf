package import CFFmpeg

/// The sample aspect ratio of a frame: the shape of its pixels, width to height.
///
/// Video with pixels that are not square (DVD, DV, HDV, some phones) is shown at another width than
/// it is coded with. As in `ffmpeg -vf scale=iw*sar:ih,setsar=1`, the height is kept and the width
/// is rounded down.
package struct PixelAspect: Equatable {
    package let numerator: Int
    package let denominator: Int

    package static let square = PixelAspect(1, 1)

    /// Ratios beyond 10:1 and 1:10 are taken for damage. The most extreme of common formats is
    /// 32:11, of widescreen VCD.
    private static let maximum = 10

    /// Square for a ratio that is unknown (0:1) or out of range.
    package init(_ ratio: AVRational) {
        self = Self.isValid(ratio) ? PixelAspect(Int(ratio.num), Int(ratio.den)) : .square
    }

    /// Whether a ratio is known and between 1:10 and 10:1.
    package static func isValid(_ ratio: AVRational) -> Bool {
        let (numerator, denominator) = (Int(ratio.num), Int(ratio.den))
        return numerator > 0 && denominator > 0 && numerator <= denominator * maximum
            && denominator <= numerator * maximum
    }

    private init(_ numerator: Int, _ denominator: Int) {
        (self.numerator, self.denominator) = (numerator, denominator)
    }

    package var isSquare: Bool { numerator == denominator }

    /// The ratio after rows and columns are exchanged.
    package var transposed: PixelAspect { PixelAspect(denominator, numerator) }

    /// The number of square pixels per row of a frame that is `width` pixels wide, at least 1.
    package func displayWidth(of width: Int) -> Int {
        max(1, width * numerator / denominator)
    }
}
