import CKernels
import Statistics
import Testing

/// What convolutional nets need beside linear layers, at every CPU level.
@Suite struct ConvolutionKernelTests {
    private static let levels = AttentionTests.levels
    private static let widths = [1, 3, 8, 15, 16, 17, 100]

    /// `count` rows of `width` values, of which one is NaN if `hasNaN`, and what a kernel makes of them.
    private func pooled(
        _ kernel: (
            UnsafePointer<UnsafePointer<Float>?>?, Int64, Int64, UnsafeMutablePointer<Float>?
        ) -> Void, _ rows: [[Float]]
    ) -> [Float] {
        let width = rows[0].count
        let values = rows.flatMap(\.self)
        var out = [Float](repeating: 7, count: width + 1)
        values.withUnsafeBufferPointer { values in
            let pointers = rows.indices.map {
                values.baseAddress.map { [row = $0] in $0 + row * width }
            }
            kernel(pointers, Int64(rows.count), Int64(width), &out)
        }
        #expect(out[width] == 7)
        return Array(out.dropLast())
    }

    private func rows(_ count: Int, _ width: Int) -> [[Float]] {
        var generator = RandomGenerator(seed: UInt64(count * 1000 + width), stream: 1)
        return (0..<count).map { _ in (0..<width).map { _ in 2 * generator.uniform() - 1 } }
    }

    @Test(arguments: levels, widths)
    func `pools reduce each column`(level: ganrm_kernel_level, width: Int) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        for count in [1, 2, 9, 27] {
            var rows = rows(count, width)
            let maxima = pooled(kernels.pool_maximum, rows)
            let means = pooled(kernels.pool_mean, rows)
            for i in 0..<width {
                let column = rows.map { $0[i] }
                #expect(maxima[i] == column.max())
                let mean = column.reduce(0.0) { $0 + Double($1) } / Double(count)
                #expect(abs(Double(means[i]) - mean) < 1e-6)
            }
            for row in rows.indices {
                rows[row][width / 2] = .nan
                #expect(pooled(kernels.pool_maximum, rows)[width / 2].isNaN)
                #expect(pooled(kernels.pool_mean, rows)[width / 2].isNaN)
                rows[row][width / 2] = 0
            }
        }
    }

    @Test(arguments: levels)
    func `windows are unfolded as by the reference level`(level: ganrm_kernel_level) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let reference = try #require(ganrm_kernels_at(GANRM_KERNELS_REFERENCE)).pointee
        var generator = RandomGenerator(seed: 3, stream: 2)
        func below(_ count: Int) -> Int64 { Int64(generator.below(count)) }
        for _ in 0..<60 {
            let input = ganrm_extent(
                frames: 1 + below(4), height: 1 + below(9), width: 1 + below(9))
            let kernel = ganrm_extent(
                frames: 1 + below(3), height: 1 + below(5), width: 1 + below(5))
            let step = ganrm_extent(
                frames: 1 + below(2), height: 1 + below(3), width: 1 + below(3))
            let before = ganrm_extent(
                frames: below(3), height: below(5), width: below(5))
            let output = ganrm_extent(
                frames: 1 + below(3), height: 1 + below(5), width: 1 + below(5))
            let channels = 1 + below(40)
            let stride = channels + (below(2) == 0 ? 0 : 7)
            let positions = input.frames * input.height * input.width * 2
            let source = (0..<positions * stride).map { Float($0) }
            let length = kernel.frames * kernel.height * kernel.width * channels
            let count = output.frames * output.height * output.width * 2
            let first = below(Int(count))
            func run(_ kernels: ganrm_kernels) -> [Float] {
                var out = [Float](repeating: 7, count: Int((count - first) * (length + 3)))
                source.withUnsafeBufferPointer { source in
                    var windows = ganrm_windows(
                        source: source.baseAddress, channels: channels, stride: stride,
                        input: input, kernel: kernel, step: step, before: before, output: output)
                    kernels.unfold(&windows, first, count - first, &out, length + 3)
                }
                return out
            }
            #expect(run(kernels) == run(reference))
        }
    }

    /// Both transforms on inputs, kernels of frames, paddings and outputs of any size.
    @Test(arguments: levels)
    func `Winograd's transforms are those of the reference level`(
        level: ganrm_kernel_level
    ) throws {
        let kernels = try #require(ganrm_kernels_at(level)).pointee
        let reference = try #require(ganrm_kernels_at(GANRM_KERNELS_REFERENCE)).pointee
        var generator = RandomGenerator(seed: 4, stream: 2)
        func below(_ count: Int) -> Int64 { Int64(generator.below(count)) }
        func values(_ count: Int64) -> [Float] {
            (0..<count).map { _ in 2 * generator.uniform() - 1 }
        }
        for _ in 0..<60 {
            let input = ganrm_extent(
                frames: 1 + below(4), height: 1 + below(9), width: 1 + below(9))
            let output = ganrm_extent(
                frames: 1 + below(3), height: 1 + below(9), width: 1 + below(9))
            let (channels, columns) = (1 + below(40), 1 + below(40))
            let stride = channels + below(2) * 7
            let source = values(input.frames * input.height * input.width * 2 * stride)
            let bias = values(columns)
            let kernelFrames = 1 + below(3)
            let blocks = output.frames * ((output.height + 1) / 2) * ((output.width + 1) / 2) * 2
            let first = below(Int(blocks))
            let count = 1 + below(Int(blocks - first))
            let planes = Int64(GANRM_WINOGRAD_PLANES)
            let (row, column) = (kernelFrames * channels + 3, columns + 3)
            let products = values(planes * count * column)
            let step = ganrm_extent(frames: 1 + below(2), height: 1, width: 1)
            let before = ganrm_extent(frames: below(3), height: below(3), width: below(3))
            let rectifies = below(2) == 0
            func run(_ kernels: ganrm_kernels) -> (transformed: [Float], outputs: [Float]) {
                var transformed = [Float](repeating: 7, count: Int(planes * count * row))
                let positions = output.frames * output.height * output.width * 2
                var outputs = [Float](repeating: 7, count: Int(positions * column))
                source.withUnsafeBufferPointer { source in
                    var windows = ganrm_windows(
                        source: source.baseAddress, channels: channels, stride: stride,
                        input: input,
                        kernel: ganrm_extent(frames: kernelFrames, height: 3, width: 3),
                        step: step, before: before, output: output)
                    kernels.winograd_input(&windows, first, count, &transformed, row, count * row)
                    products.withUnsafeBufferPointer { products in
                        bias.withUnsafeBufferPointer { bias in
                            var products = ganrm_winograd_products(
                                values: products.baseAddress, stride: column,
                                plane_stride: count * column, columns: columns,
                                bias: bias.baseAddress, rectifies: rectifies)
                            kernels.winograd_output(
                                &windows, &products, first, count, &outputs, column)
                        }
                    }
                }
                return (transformed, outputs)
            }
            let (found, expected) = (run(kernels), run(reference))
            #expect(found.transformed == expected.transformed)
            #expect(found.outputs == expected.outputs)
        }
    }
}
