internal import CKernels

/// Finds what the windows of a convolution or pool cover.
struct Unfolding {
    private let window: Window
    private let layout: Window.Layout
    private let input: Extent
    /// The input's positions, `[inputs, frames, height, width]`, rows of `channels` elements `stride` apart.
    private let source: UnsafePointer<Float>
    private let stride: Int
    private let channels: Int

    init(
        _ window: Window, _ layout: Window.Layout, input: Extent, source: UnsafePointer<Float>,
        stride: Int, channels: Int
    ) {
        self.window = window
        self.layout = layout
        self.input = input
        self.source = source
        self.stride = stride
        self.channels = channels
    }

    /// Elements of an unfolded window.
    private var length: Int { window.kernel.count * channels }

    /// Writes the windows of some output positions, `[positions, frames, height, width, channels]`, with zeros outside
    /// the input.
    func callAsFunction(_ rows: Range<Int>, into buffer: AlignedBuffer) -> LayerInput {
        let bytes = GANRM_F32.rowBytes(length)
        buffer.reserve(byteCount: rows.count * bytes)
        for row in rows {
            let out = (buffer.base + (row - rows.lowerBound) * bytes)
                .assumingMemoryBound(to: Float.self)
            unfold(row, into: out)
        }
        return LayerInput(base: buffer.base, count: rows.count, stride: bytes)
    }

    private func unfold(_ row: Int, into out: UnsafeMutablePointer<Float>) {
        let corner = corner(of: row)
        let kernel = window.kernel
        let line = kernel.width * channels
        // Positions of a window's line that are inside the input.
        let inside = max(0, -corner.x)..<max(min(kernel.width, input.width - corner.x), 0)
        var out = out
        for frame in corner.frame..<corner.frame + kernel.frames {
            for y in corner.y..<corner.y + kernel.height {
                defer { out += line }
                guard (0..<input.frames).contains(frame), (0..<input.height).contains(y),
                    !inside.isEmpty
                else {
                    out.update(repeating: 0, count: line)
                    continue
                }
                let first =
                    source
                    + (((corner.item * input.frames + frame) * input.height + y) * input.width
                        + corner.x) * stride
                out.update(repeating: 0, count: inside.lowerBound * channels)
                if stride == channels {
                    (out + inside.lowerBound * channels).update(
                        from: first + inside.lowerBound * channels, count: inside.count * channels)
                } else {
                    for x in inside {
                        (out + x * channels).update(from: first + x * stride, count: channels)
                    }
                }
                (out + inside.upperBound * channels).update(
                    repeating: 0, count: (kernel.width - inside.upperBound) * channels)
            }
        }
    }

    /// The positions inside the input that an output position's window covers.
    ///
    /// - Returns: Their number, at least 1.
    func positions(
        of row: Int, into positions: UnsafeMutableBufferPointer<UnsafePointer<Float>?>
    ) -> Int {
        let corner = corner(of: row)
        let kernel = window.kernel
        var count = 0
        for frame in max(corner.frame, 0)..<min(corner.frame + kernel.frames, input.frames) {
            for y in max(corner.y, 0)..<min(corner.y + kernel.height, input.height) {
                let line = ((corner.item * input.frames + frame) * input.height + y) * input.width
                for x in max(corner.x, 0)..<min(corner.x + kernel.width, input.width) {
                    positions[count] = source + (line + x) * stride
                    count += 1
                }
            }
        }
        return count
    }

    /// The first position of an output position's window, perhaps outside the input.
    private func corner(of row: Int) -> (item: Int, frame: Int, y: Int, x: Int) {
        let output = layout.output
        let (line, x) = row.quotientAndRemainder(dividingBy: output.width)
        let (frameLine, y) = line.quotientAndRemainder(dividingBy: output.height)
        let (item, frame) = frameLine.quotientAndRemainder(dividingBy: output.frames)
        return (
            item, frame * window.stride.frames - layout.before.frames,
            y * window.stride.height - layout.before.height,
            x * window.stride.width - layout.before.width
        )
    }
}
