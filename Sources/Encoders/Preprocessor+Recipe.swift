package import Frames

extension Preprocessing {
    /// Why the recipe cannot be used; nil if it can. To be asked of recipes from files.
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

    package var resampling: Resampling.Filter {
        switch filter {
        case .pillowBicubic: .pillowBicubic
        case .openCVLinear: .openCVLinear
        case .torchBicubic: .torchBicubic
        }
    }

    /// The size of the whole picture after resizing.
    ///
    /// The long side is truncated, `int(size · long / short)`: the same in torchvision's
    /// `Resize(int)` and Hugging Face's `shortest_edge`.
    package func resizedSize(of source: Resampling.Size) -> Resampling.Size {
        guard resize == .shortSide else { return Resampling.Size(width: size, height: size) }
        func scaled(_ long: Int, _ short: Int) -> Int {
            Int(Double(size * long) / Double(short))
        }
        return source.width <= source.height
            ? Resampling.Size(width: size, height: scaled(source.height, source.width))
            : Resampling.Size(width: scaled(source.width, source.height), height: size)
    }

    /// The middle square of side `crop`.
    ///
    /// An odd margin puts the extra pixel right and below in Hugging Face's processors
    /// (`margin // 2`); torchvision's `CenterCrop` rounds half to even, which differs by one for
    /// margins 3, 7, 11…: used with `torchBicubic`, whose reference it is. OpenAI's own CLIP
    /// transform is Pillow's filter with torchvision's crop; Hugging Face's is what we follow.
    package func centerCrop(of picture: Resampling.Size) -> Resampling.Crop {
        func offset(_ side: Int) -> Int {
            let margin = side - crop
            guard filter == .torchBicubic else { return margin / 2 }
            return Int((Double(margin) / 2).rounded(.toNearestOrEven))
        }
        return Resampling.Crop(
            x: offset(picture.width), y: offset(picture.height), width: crop, height: crop
        )
    }
}
