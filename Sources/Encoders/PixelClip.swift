/// Frames that attend to each other, as the transformer takes them.
public struct PixelClip: Sendable {
    enum Pixels {
        /// Normalised, `[T, 3, H, W]`, red first.
        case numbers([Float])
        /// Prepared frames, `[H, W, 3]` each, and what each value of a channel becomes, `[3, 256]`.
        case bytes([[UInt8]], normalised: [Float])
    }

    /// `T`, at least 1.
    public let frameCount: Int
    let pixels: Pixels

    /// - Parameter elements: Normalised pixels, `[T, 3, H, W]`, red first.
    /// - Precondition: `elements` divides into `frameCount` frames.
    public init(frameCount: Int, elements: [Float]) {
        precondition(frameCount > 0 && elements.count.isMultiple(of: 3 * frameCount))
        self.frameCount = frameCount
        pixels = .numbers(elements)
    }

    /// - Parameters:
    ///   - frames: Prepared, `[H, W, 3]` each; at least one.
    ///   - normalised: What each value of a channel becomes, `[3, 256]`.
    init(frames: [[UInt8]], normalised: [Float]) {
        precondition(!frames.isEmpty && normalised.count == 3 * 256)
        frameCount = frames.count
        pixels = .bytes(frames, normalised: normalised)
    }

    /// Each frame as a clip of its own.
    var singleFrames: [PixelClip] {
        switch pixels {
        case .numbers(let numbers):
            let size = numbers.count / frameCount
            return (0..<frameCount).map {
                PixelClip(frameCount: 1, elements: Array(numbers[$0 * size..<($0 + 1) * size]))
            }
        case .bytes(let frames, let normalised):
            return frames.map { PixelClip(frames: [$0], normalised: normalised) }
        }
    }

    /// Whether all frames are `side` pixels wide and high.
    func hasFrames(ofSide side: Int) -> Bool {
        let count = 3 * side * side
        return switch pixels {
        case .numbers(let numbers): numbers.count == frameCount * count
        case .bytes(let frames, _): frames.allSatisfy { $0.count == count }
        }
    }
}
