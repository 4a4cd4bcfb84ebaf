import Frames

/// Input of the transformer: frames that attend to each other.
public struct PixelClip: Sendable {
    enum Pixels {
        /// Normalized RGB, `[T, 3, H, W]`.
        case numbers([Float])
        /// Prepared RGB frames of 8-bit values, `[H, W, 3]` each.
        case bytes([[UInt8]], Normalization)
        /// Prepared RGB frames of `Float`, on the scale 0…255, as bytes: `[H, W, 3]` values each.
        case floats([[UInt8]], Normalization)
    }

    /// Frame count, `T`, at least 1.
    public let frameCount: Int
    let pixels: Pixels

    private init(frameCount: Int, pixels: Pixels) {
        self.frameCount = frameCount
        self.pixels = pixels
    }

    /// - Parameter elements: Normalized RGB, `[T, 3, H, W]`.
    /// - Precondition: `elements` divides into `frameCount` frames.
    public init(frameCount: Int, elements: [Float]) {
        precondition(frameCount > 0 && elements.count.isMultiple(of: 3 * frameCount))
        self.init(frameCount: frameCount, pixels: .numbers(elements))
    }

    /// - Parameters:
    ///   - frames: Prepared RGB frames, `[H, W, 3]` each; at least one.
    ///   - preprocessor: The preprocessor of the frames, which normalizes them.
    package init(frames: [[UInt8]], preparedBy preprocessor: Preprocessor) {
        precondition(!frames.isEmpty)
        let normalization = preprocessor.normalization
        self.init(
            frameCount: frames.count,
            pixels: preprocessor.preprocessing.filter.hasFloatResult
                ? .floats(frames, normalization) : .bytes(frames, normalization))
    }

    /// - Parameter bytes: RGB frames of 8-bit values, `[H, W, 3]` each; at least one.
    init(bytes: [[UInt8]], _ normalization: Normalization) {
        precondition(!bytes.isEmpty)
        self.init(frameCount: bytes.count, pixels: .bytes(bytes, normalization))
    }

    /// Each frame as a clip of its own.
    var singleFrames: [PixelClip] {
        switch pixels {
        case .numbers(let values):
            let size = values.count / frameCount
            return (0..<frameCount).map {
                PixelClip(frameCount: 1, elements: Array(values[$0 * size..<($0 + 1) * size]))
            }
        case .bytes(let frames, let normalization):
            return frames.map { PixelClip(frameCount: 1, pixels: .bytes([$0], normalization)) }
        case .floats(let frames, let normalization):
            return frames.map { PixelClip(frameCount: 1, pixels: .floats([$0], normalization)) }
        }
    }

    /// Pixels of the first frame.
    var pixelCount: Int {
        switch pixels {
        case .numbers(let values): values.count / (3 * frameCount)
        case .bytes(let frames, _): frames[0].count / 3
        case .floats(let frames, _): frames[0].count / (3 * MemoryLayout<Float>.size)
        }
    }

    /// Whether all frames have as many pixels as this size.
    func hasFrames(of size: Resampling.Size) -> Bool {
        let count = 3 * size.width * size.height
        return switch pixels {
        case .numbers(let values): values.count == frameCount * count
        case .bytes(let frames, _): frames.allSatisfy { $0.count == count }
        case .floats(let frames, _):
            frames.allSatisfy { $0.count == count * MemoryLayout<Float>.size }
        }
    }

    /// Copies one frame with interleaved channels, normalized, `[H, W, 3]`. Frames may have any
    /// shape.
    ///
    /// - Parameters:
    ///   - index: Index of the frame, below `frameCount`.
    ///   - pixelCount: Pixels of the frame, `H · W`.
    ///   - row: Receives `[3 · H · W]`.
    package func copyFrame(
        _ index: Int, pixelCount: Int, into row: UnsafeMutablePointer<Float>
    ) {
        switch pixels {
        case .numbers(let values):
            precondition(values.count == frameCount * 3 * pixelCount, "the size of the frames")
            values.withUnsafeBufferPointer { values in
                for channel in 0..<3 {
                    let first = (index * 3 + channel) * pixelCount
                    for pixel in 0..<pixelCount { row[3 * pixel + channel] = values[first + pixel] }
                }
            }
        case .bytes(let frames, let normalization):
            precondition(frames[index].count == 3 * pixelCount, "the size of the frame")
            frames[index].withUnsafeBufferPointer { bytes in
                normalization.table.withUnsafeBufferPointer { table in
                    for first in stride(from: 0, to: 3 * pixelCount, by: 3) {
                        for channel in 0..<3 {
                            row[first + channel] =
                                table[256 * channel + Int(bytes[first + channel])]
                        }
                    }
                }
            }
        case .floats(let frames, let normalization):
            let size = MemoryLayout<Float>.size
            precondition(frames[index].count == size * 3 * pixelCount, "the size of the frame")
            frames[index].withUnsafeBytes { bytes in
                for first in stride(from: 0, to: 3 * pixelCount, by: 3) {
                    for channel in 0..<3 {
                        let i = first + channel
                        let value = bytes.loadUnaligned(fromByteOffset: size * i, as: Float.self)
                        row[i] = normalization.normalized(value, channel: channel)
                    }
                }
            }
        }
    }
}
