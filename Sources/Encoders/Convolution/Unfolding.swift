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

    var windows: ganrm_windows {
        ganrm_windows(
            source: source, channels: Int64(channels), stride: Int64(stride), input: input.c,
            kernel: window.kernel.c, step: window.stride.c, before: layout.before.c,
            output: layout.output.c)
    }

    /// Writes the windows of some output positions, `[positions, frames, height, width, channels]`, with zeros outside
    /// the input.
    func callAsFunction(
        _ rows: Range<Int>, into buffer: AlignedBuffer, kernels: ganrm_kernels
    ) -> LayerInput {
        let bytes = GANRM_F32.rowBytes(window.kernel.count * channels)
        buffer.reserve(byteCount: rows.count * bytes)
        var windows = windows
        kernels.unfold(
            &windows, Int64(rows.lowerBound), Int64(rows.count), buffer.pointer(to: Float.self),
            Int64(bytes / 4))
        return LayerInput(base: buffer.base, count: rows.count, stride: bytes)
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

extension Extent {
    fileprivate var c: ganrm_extent {
        ganrm_extent(frames: Int64(frames), height: Int64(height), width: Int64(width))
    }
}
