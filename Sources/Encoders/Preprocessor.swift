public import Frames
import Synchronization

/// Turns frames into an encoder's input: resize, crop, normalise, as the recipe says.
///
/// Agrees with the reference bit for bit up to the crop: Hugging Face's Pillow processors for
/// `pillowBicubic`, OpenCV for `openCVLinear`, torchvision for `torchBicubic`.
/// Coefficients are kept per frame size, so a video pays for them once.
public struct Preprocessor: Sendable {
    public let preprocessing: Preprocessing
    private let cache = ResamplingCache()
    /// `[3, 256]`: what each 8-bit value becomes, per channel.
    let normalised: [Float]

    /// - Parameter preprocessing: A usable recipe: its `problem` is nil.
    public init(_ preprocessing: Preprocessing) {
        precondition(preprocessing.problem == nil, preprocessing.problem ?? "")
        self.preprocessing = preprocessing
        normalised = zip(preprocessing.mean, preprocessing.deviation).flatMap { mean, deviation in
            (0...255).map { value in (Float(value) / 255 - mean) / deviation }
        }
    }

    /// Numbers per prepared frame: `3 · crop²`.
    public var count: Int { 3 * preprocessing.crop * preprocessing.crop }

    /// The square that the encoder sees: `[crop, crop, 3]`, red first.
    public func prepare(_ frame: Frame) -> [UInt8] {
        let source = Resampling.Size(width: frame.width, height: frame.height)
        let resampling = cache.value(for: source) {
            let target = preprocessing.resizedSize(of: source)
            return Resampling(
                preprocessing.resampling, from: source, to: target,
                crop: preprocessing.centerCrop(of: target)
            )
        }
        return resampling.pixels(of: frame)
    }

    /// `(pixel / 255 − mean) / deviation` of a prepared frame: `[3, crop, crop]`.
    public func normalise(_ pixels: [UInt8]) -> [Float] {
        precondition(pixels.count == count, "a prepared frame")
        return (0..<3).flatMap { channel in
            stride(from: channel, to: count, by: 3).map {
                normalised[256 * channel + Int(pixels[$0])]
            }
        }
    }
}

/// The coefficients of the frame sizes met last.
private final class ResamplingCache: Sendable {
    private static let capacity = 16
    private let values = Mutex<[(source: Resampling.Size, value: Resampling)]>([])

    func value(for source: Resampling.Size, make: () -> Resampling) -> Resampling {
        if let found = values.withLock({ $0.first { $0.source == source }?.value }) { return found }
        let made = make()
        values.withLock { values in
            if values.count == Self.capacity { values.removeFirst() }
            values.append((source, made))
        }
        return made
    }
}
