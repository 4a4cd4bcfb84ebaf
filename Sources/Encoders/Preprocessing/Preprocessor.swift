public import Frames
import Synchronization

/// Preprocesses frames for an encoder: resizes, crops and normalizes them.
///
/// A prepared frame is RGB, `[crop, crop, 3]`: bytes, or the bytes of `Float` on the scale 0…255 if
/// the filter has a float result. Its values are the reference's, as `Resampling.Filter` says:
/// Hugging Face's Pillow processors for `pillowBicubic`, OpenCV for `openCVLinear`, torchvision for
/// `torchBicubic`. Filter coefficients are cached per frame size.
public struct Preprocessor: Sendable {
    public let preprocessing: Preprocessing
    private let cache = ResamplingCache()
    let normalization: Normalization

    /// - Precondition: The settings are valid: `preprocessing.problem` is nil.
    public init(_ preprocessing: Preprocessing) {
        if let problem = preprocessing.problem { preconditionFailure(problem) }
        self.preprocessing = preprocessing
        normalization = Normalization(
            mean: preprocessing.mean, deviation: preprocessing.deviation)
    }

    /// Number of elements of a prepared frame: `3 · crop²`.
    public var count: Int { 3 * preprocessing.crop * preprocessing.crop }

    /// Number of bytes of a prepared frame: `count`, four times as many if the filter has a float
    /// result.
    public var byteCount: Int { count * preprocessing.filter.bytesPerValue }

    /// The resized and cropped frame, RGB, `[crop, crop, 3]`: bytes, or the bytes of `Float` on the
    /// scale 0…255 if the filter has a float result.
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
        precondition(pixels.count == byteCount, "a prepared frame")
        let clip = PixelClip(frames: [pixels], preparedBy: self)
        let interleaved = [Float](unsafeUninitializedCapacity: count) { row, filled in
            if let start = row.baseAddress {
                clip.copyFrame(0, pixelCount: count / 3, into: start)
            }
            filled = count
        }
        return (0..<3).flatMap { channel in
            stride(from: channel, to: count, by: 3).map { interleaved[$0] }
        }
    }

    /// A frame that was resized and cropped elsewhere, to bytes of RGB, `[crop, crop, 3]`, as a
    /// prepared frame.
    package func prepared(resized pixels: [UInt8]) -> [UInt8] {
        guard preprocessing.filter.hasFloatResult else { return pixels }
        return pixels.flatMap { value in withUnsafeBytes(of: Float(value), Array.init) }
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
