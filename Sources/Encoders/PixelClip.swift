/// Input of the transformer: frames that attend to each other.
public struct PixelClip: Sendable {
    enum Pixels {
        /// Normalized RGB, `[T, 3, H, W]`.
        case numbers([Float])
        /// Prepared RGB frames, `[H, W, 3]` each, and a table of normalized values, `[3, 256]`.
        case bytes([[UInt8]], normalization: [Float])
    }

    /// Frame count, `T`, at least 1.
    public let frameCount: Int
    let pixels: Pixels

    /// - Parameter elements: Normalized RGB, `[T, 3, H, W]`.
    /// - Precondition: `elements` divides into `frameCount` frames.
    public init(frameCount: Int, elements: [Float]) {
        precondition(frameCount > 0 && elements.count.isMultiple(of: 3 * frameCount))
        self.frameCount = frameCount
        pixels = .numbers(elements)
    }

    /// - Parameters:
    ///   - frames: Prepared RGB frames, `[H, W, 3]` each; at least one.
    ///   - normalization: Normalized value of each 8-bit value per channel, `[3, 256]`.
    init(frames: [[UInt8]], normalization: [Float]) {
        precondition(!frames.isEmpty && normalization.count == 3 * 256)
        frameCount = frames.count
        pixels = .bytes(frames, normalization: normalization)
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
            return frames.map { PixelClip(frames: [$0], normalization: normalization) }
        }
    }

    /// Pixels of the first frame.
    var pixelCount: Int {
        switch pixels {
        case .numbers(let values): values.count / (3 * frameCount)
        case .bytes(let frames, _): frames[0].count / 3
        }
    }

    /// Writes a frame's normalized pixels, `[H · W, 3]`.
    func copyFrame(_ index: Int, pixelCount: Int, into row: UnsafeMutablePointer<Float>) {
        switch pixels {
        case .numbers(let values):
            for pixel in 0..<pixelCount {
                for channel in 0..<3 {
                    row[3 * pixel + channel] = values[(3 * index + channel) * pixelCount + pixel]
                }
            }
        case .bytes(let frames, let normalization):
            for (element, value) in frames[index].enumerated() {
                row[element] = normalization[256 * (element % 3) + Int(value)]
            }
        }
    }

    /// Whether all frames are `side` pixels wide and high.
    func hasFrames(ofSide side: Int) -> Bool {
        let count = 3 * side * side
        return switch pixels {
        case .numbers(let values): values.count == frameCount * count
        case .bytes(let frames, _): frames.allSatisfy { $0.count == count }
        }
    }
}
