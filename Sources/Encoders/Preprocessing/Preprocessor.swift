public import Frames
import Synchronization

/// Preprocesses frames for an encoder: resizes, crops and normalizes them.
///
/// Cropped frames are bit-identical to the reference's: Hugging Face's Pillow processors for
/// `pillowBicubic`, OpenCV for `openCVLinear`, torchvision for `torchBicubic`.
/// Filter coefficients are cached per frame size.
public struct Preprocessor: Sendable {
    public let preprocessing: Preprocessing
    private let cache = ResamplingCache()
    /// Normalized value of each 8-bit value per channel, `[3, 256]`.
    let normalization: [Float]

    /// - Precondition: The settings are valid: `preprocessing.problem` is nil.
    public init(_ preprocessing: Preprocessing) {
        if let problem = preprocessing.problem { preconditionFailure(problem) }
        self.preprocessing = preprocessing
        normalization = zip(preprocessing.mean, preprocessing.deviation).flatMap {
            mean, deviation in
            (0...255).map { value in (Float(value) / 255 - mean) / deviation }
        }
    }

    /// Number of elements of a prepared frame: `3 · crop²`.
    public var count: Int { 3 * preprocessing.crop * preprocessing.crop }

    /// The resized and cropped frame, 8-bit RGB, `[crop, crop, 3]`.
    ///
    /// - Throws: `FrameError.outOfMemoryForResizing`.
    public func prepare(_ frame: Frame) throws(FrameError) -> [UInt8] {
        let source = Resampling.Size(width: frame.width, height: frame.height)
        let resampling = cache.value(for: source) {
            let target = preprocessing.resizedSize(of: source)
            return Resampling(
                preprocessing.filter, from: source, to: target,
                crop: preprocessing.centerCrop(of: target)
            )
        }
        return try resampling.pixels(of: frame)
    }

    /// The normalized frame, `(pixel / 255 − mean) / deviation`, `[3, crop, crop]`.
    ///
    /// - Precondition: `pixels` is a prepared frame, `[crop, crop, 3]`.
    public func normalize(_ pixels: [UInt8]) -> [Float] {
        precondition(pixels.count == count, "a prepared frame")
        return (0..<3).flatMap { channel in
            stride(from: channel, to: count, by: 3).map {
                normalization[256 * channel + Int(pixels[$0])]
            }
        }
    }
}

/// Filter coefficients of the most recent frame sizes.
private final class ResamplingCache: Sendable {
    private static let capacity = 16
    private let values = Mutex<[(source: Resampling.Size, value: Resampling)]>([])

    func value(for source: Resampling.Size, make: () -> Resampling) -> Resampling {
        if let found = values.withLock({ $0.first { $0.source == source }?.value }) { return found }
        let value = make()
        values.withLock { values in
            if values.count == Self.capacity { values.removeFirst() }
            values.append((source, value))
        }
        return value
    }
}
