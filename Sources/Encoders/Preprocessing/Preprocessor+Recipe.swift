package import Frames

extension Preprocessing {
    /// Why the settings are invalid; nil if they are valid. Check settings read from a file.
    public var problem: String? {
        if !(1...4096).contains(size) || !(1...size).contains(crop) {
            return "preprocessing needs 1 ≤ crop ≤ size ≤ 4096, not crop \(crop), size \(size)"
        }
        if mean.count != 3 || !mean.allSatisfy(\.isFinite) {
            return "preprocessing needs a mean for each of 3 channels, not \(mean)"
        }
        if deviation.count != 3 || !deviation.allSatisfy({ $0.isFinite && $0 > 0 }) {
            return
                "preprocessing needs a positive deviation for each of 3 channels, not \(deviation)"
        }
        return nil
    }

    /// The size of the whole image after resizing.
    ///
    /// The long side is truncated, `int(size · long / short)`: the same in torchvision's
    /// `Resize(int)` and Hugging Face's `shortest_edge`.
    package func resizedSize(of source: Resampling.Size) -> Resampling.Size {
        guard resize == .shortSide else { return Resampling.Size(width: size, height: size) }
        /// Length of the long side.
        func scaled(_ long: Int, _ short: Int) -> Int {
            Int(Double(size * long) / Double(short))
        }
        return source.width <= source.height
            ? Resampling.Size(width: size, height: scaled(source.height, source.width))
            : Resampling.Size(width: scaled(source.width, source.height), height: size)
    }

    private var defaultCropOffset: CropOffset {
        switch filter {
        case .torchBicubic, .torchBilinear, .torchBilinearFloat, .torchBicubicFloat,
            .torchBicubicAntialiased:
            .halfToEven
        case .pillowBicubic, .pillowBilinear, .openCVLinear, .tensorFlowBilinear,
            .pillowBicubicFloat:
            .down
        }
    }

    /// The centre crop, a square with sides of length `crop`.
    ///
    /// OpenAI's own CLIP transform combines Pillow's filter with torchvision's crop, Hugging Face's processors do not.
    package func centerCrop(of image: Resampling.Size) -> Resampling.Crop {
        func offset(_ side: Int) -> Int {
            let margin = side - crop
            switch cropOffset ?? defaultCropOffset {
            case .down: return margin / 2
            case .halfToEven: return Int((Double(margin) / 2).rounded(.toNearestOrEven))
            }
        }
        return Resampling.Crop(
            x: offset(image.width), y: offset(image.height), width: crop, height: crop
        )
    }
}
