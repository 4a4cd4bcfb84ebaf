internal import CKernels
import Frames

/// The patch embedding's input, and the embeddings that are added to its output.
struct TokenEmbedding: Sendable {
    let configuration: VisionTransformerConfiguration
    /// Frames per clip.
    let frames: Int
    /// Initial value of each token, to which the patch embedding is added, `[tokens, width]`: the
    /// CLS token's embedding and position; a patch's position, temporal position and bias.
    let base: [Float]

    /// The patches of a frame.
    let grid: PatchGrid

    /// - Parameters:
    ///   - grid: The patches of a frame.
    ///   - slack: See `PositionInterpolation`.
    /// - Throws: `EncoderError.invalidClip` for a frame count without temporal positions.
    init(
        _ configuration: VisionTransformerConfiguration, _ parameters: TokenParameters, frames: Int,
        grid: PatchGrid, slack: Double
    ) throws(EncoderError) {
        guard frames == 1 || frames == configuration.frameCount else {
            throw .invalidClip(
                reason: """
                    the encoder takes clips of \(configuration.frameCount) frames or single \
                    frames, not \(frames)
                    """)
        }
        self.configuration = configuration
        self.frames = frames
        self.grid = grid
        let width = configuration.width
        let positions = PositionInterpolation.resize(
            Array(parameters.positions[width...]), width: width, from: configuration.positionGrid,
            to: grid, slack: slack)
        let temporal = Self.temporalPositions(configuration, parameters, frames: frames)
        var base = zip(parameters.classToken, parameters.positions).map { $0 + $1 }
        base.reserveCapacity((1 + frames * grid.count) * width)
        for patch in 0..<grid.count {
            for frame in 0..<frames {
                for i in 0..<width {
                    base.append(
                        positions[patch * width + i] + temporal[frame * width + i]
                            + parameters.patchBias[i])
                }
            }
        }
        self.base = base
    }

    /// Temporal positions, `[frames, width]`: those of the checkpoint, their mean for a single
    /// frame of a video encoder, or zeros for an image encoder.
    private static func temporalPositions(
        _ configuration: VisionTransformerConfiguration, _ parameters: TokenParameters, frames: Int
    ) -> [Float] {
        let width = configuration.width
        let stored = parameters.temporalPositions
        guard configuration.frameCount > 1, frames == 1 else { return stored }
        var mean = [Float](repeating: 0, count: width)
        ganrm_kernels_in_use().pointee.column_means(
            GANRM_F32, stored, Int64(configuration.frameCount), Int64(width), Int64(width), &mean)
        return mean
    }

    /// Unfolds a token's patch into a row of normalized pixels, `[3, p, p]`; the CLS token's row is
    /// zero.
    ///
    /// Tokens are ordered by patch, then by frame: "(n t)".
    ///
    /// - Parameter row: Receives `[3 · p²]`.
    func unfold(_ clip: PixelClip, token: Int, into row: UnsafeMutablePointer<Float>) {
        let (side, plane) = (grid.size.width, grid.size.width * grid.size.height)
        let patch = configuration.patchSize
        guard token > 0 else {
            row.update(repeating: 0, count: configuration.patchLength)
            return
        }
        let (index, frame) = (token - 1).quotientAndRemainder(dividingBy: frames)
        let (top, left) = index.quotientAndRemainder(dividingBy: grid.columns)
        for line in 0..<patch {
            let pixel = (top * patch + line) * side + left * patch
            let out = row + line * patch
            switch clip.pixels {
            case .numbers(let numbers):
                numbers.withUnsafeBufferPointer { numbers in
                    for channel in 0..<3 {
                        let first = (frame * 3 + channel) * plane + pixel
                        for x in 0..<patch {
                            out[channel * patch * patch + x] = numbers[first + x]
                        }
                    }
                }
            case .bytes(let frames, let normalization):
                frames[frame].withUnsafeBufferPointer { bytes in
                    normalization.table.withUnsafeBufferPointer { table in
                        for x in 0..<patch {
                            for channel in 0..<3 {
                                let value = Int(bytes[3 * (pixel + x) + channel])
                                out[channel * patch * patch + x] = table[256 * channel + value]
                            }
                        }
                    }
                }
            case .floats(let frames, let normalization):
                frames[frame].withUnsafeBytes { bytes in
                    for x in 0..<patch {
                        for channel in 0..<3 {
                            let offset = (3 * (pixel + x) + channel) * MemoryLayout<Float>.size
                            out[channel * patch * patch + x] = normalization.normalized(
                                bytes.loadUnaligned(fromByteOffset: offset, as: Float.self),
                                channel: channel)
                        }
                    }
                }
            }
        }
    }
}
