import Foundation
import Frames
import Testing
import TestSupport

/// Conversion of images in memory is bit-exact with `ffmpeg -pix_fmt rgb24`.
@Suite struct RawFrameTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let layout: RawFrame.Layout
        /// FFmpeg's name of the pixel format.
        let format: String
        /// Per plane: bytes per sample, and the subsampling shifts of width and height.
        let planes: [(bytes: Int, columns: Int, rows: Int)]

        var testDescription: String { format }
    }

    static let cases: [Case] = [
        Case(layout: .rgb24, format: "rgb24", planes: [(3, 0, 0)]),
        Case(layout: .rgba, format: "rgba", planes: [(4, 0, 0)]),
        Case(layout: .gbrp, format: "gbrp", planes: [(1, 0, 0), (1, 0, 0), (1, 0, 0)]),
        Case(layout: .gray8, format: "gray", planes: [(1, 0, 0)]),
        Case(layout: .yuv420p, format: "yuv420p", planes: [(1, 0, 0), (1, 1, 1), (1, 1, 1)]),
        Case(layout: .yuv422p, format: "yuv422p", planes: [(1, 0, 0), (1, 1, 0), (1, 1, 0)]),
        Case(layout: .yuv444p, format: "yuv444p", planes: [(1, 0, 0), (1, 0, 0), (1, 0, 0)]),
        Case(layout: .yuv420p10, format: "yuv420p10le", planes: [(2, 0, 0), (2, 1, 1), (2, 1, 1)]),
        Case(layout: .yuv422p10, format: "yuv422p10le", planes: [(2, 0, 0), (2, 1, 0), (2, 1, 0)]),
        Case(layout: .yuv444p10, format: "yuv444p10le", planes: [(2, 0, 0), (2, 0, 0), (2, 0, 0)]),
        Case(layout: .nv12, format: "nv12", planes: [(1, 0, 0), (2, 1, 1)]),
        Case(layout: .p010, format: "p010le", planes: [(2, 0, 0), (4, 1, 1)]),
    ]

    static let colors: [(matrix: Int, matrixName: String?, range: RawFrame.Range)] = [
        (2, nil, .unknown), (1, "bt709", .limited), (6, "smpte170m", .full), (9, "bt2020nc", .full),
        (9, "bt2020nc", .unknown),
    ]

    @Test func `the cases cover every layout`() {
        #expect(Set(Self.cases.map(\.layout)) == Set(RawFrame.Layout.allCases))
    }

    @Test(arguments: cases)
    func `every layout gives the same bytes as the ffmpeg command`(case: Case) throws {
        for (width, height) in [(64, 48), (37, 23)] {
            let raw = try FFmpeg.run([
                "-f", "lavfi", "-i", "testsrc=s=\(width)x\(height):d=0.04", "-frames:v", "1",
                "-f", "rawvideo", "-pix_fmt", `case`.format, "-",
            ])
            for colors in Self.colors where !`case`.format.contains("rgb") || colors.matrix == 2 {
                // The setparams filter sets matrix and range like a decoder.
                let range =
                    switch colors.range {
                    case .unknown: "unknown"
                    case .limited: "limited"
                    case .full: "full"
                    }
                let matrix = colors.matrixName ?? "unknown"
                let folder = try TemporaryFolder()
                try raw.write(to: URL(fileURLWithPath: folder.path("raw")))
                let expected = try FFmpeg.run([
                    "-f", "rawvideo", "-s", "\(width)x\(height)", "-pix_fmt", `case`.format,
                    "-i", folder.path("raw"), "-vf",
                    `case`.format.contains("rgb") || `case`.format == "gbrp"
                        ? "null" : "setparams=range=\(range):colorspace=\(matrix)",
                    "-f", "rawvideo", "-pix_fmt", "rgb24", "-",
                ])
                for isBottomUp in [false, true] {
                    let pixels = try read(
                        Array(raw), `case`, width: width, height: height, colors: colors,
                        isBottomUp: isBottomUp)
                    #expect(
                        Data(pixels) == expected,
                        "\(width)×\(height) \(colors) bottom up: \(isBottomUp)")
                }
            }
        }
    }

    /// Converts consecutive planes to RGB. Each plane is copied to a separate allocation that ends
    /// with its last sample, with three samples of padding between rows.
    private func read(
        _ raw: [UInt8], _ case: Case, width: Int, height: Int,
        colors: (matrix: Int, matrixName: String?, range: RawFrame.Range), isBottomUp: Bool
    ) throws -> [UInt8] {
        var memory: [UnsafeMutableBufferPointer<UInt8>] = []
        defer { for plane in memory { plane.deallocate() } }
        var planes: [RawFrame.Plane] = []
        var offset = 0
        for (bytes, columns, rows) in `case`.planes {
            let length = bytes * ((width + (1 << columns) - 1) >> columns)
            let count = (height + (1 << rows) - 1) >> rows
            let stride = length + 3 * bytes
            let plane = UnsafeMutableBufferPointer<UInt8>
                .allocate(capacity: stride * (count - 1) + length)
            plane.initialize(repeating: 0xA5)
            for row in 0..<count {
                let start = stride * (isBottomUp ? count - 1 - row : row)
                for byte in 0..<length { plane[start + byte] = raw[offset + row * length + byte] }
            }
            offset += length * count
            memory.append(plane)
            planes.append(
                isBottomUp
                    ? (UnsafePointer(plane.baseAddress! + stride * (count - 1)), -stride)
                    : (UnsafePointer(plane.baseAddress!), stride))
        }
        #expect(offset == raw.count)
        let picture = RawFrame(
            layout: `case`.layout, width: width, height: height, planes: planes,
            matrix: colors.matrix, range: colors.range)
        #expect(picture.problem == nil)
        return try RawFrameConverter().frame(picture).pixels
    }

    @Test(
        arguments: [
            ("rgb24", RawFrame.Layout.rgb24), ("gbrp", .gbrp), ("gray", .gray8),
            ("yuv444p", .yuv444p),
        ], [(16, 11), (1, 2), (0, 1), (1, 0), (11, 1)])
    func `frames get square pixels as by FFmpeg`(
        format: (name: String, layout: RawFrame.Layout), ratio: (Int, Int)
    ) throws {
        let source = ["-f", "lavfi", "-i", "testsrc2=s=70x48:d=1,format=\(format.name)"]
        let output = ["-frames:v", "1", "-f", "rawvideo", "-pix_fmt"]
        let raw = Array(try FFmpeg.run(source + output + [format.name, "-"]))
        let isIgnored = ratio.0 == 0 || ratio.1 == 0 || ratio.0 > 10 * ratio.1
        let aspect = isIgnored ? "1/1" : "\(ratio.0)/\(ratio.1)"
        let expected = Array(
            try FFmpeg.run(
                source + ["-vf", "setsar=\(aspect),scale=iw*sar:ih"] + output + ["rgb24", "-"]))
        let frame = try raw.withUnsafeBufferPointer { bytes in
            let count = format.name.hasSuffix("p") ? 3 : 1
            let length = 70 * (format.layout == .rgb24 ? 3 : 1)
            return try RawFrameConverter().frame(
                RawFrame(
                    layout: format.layout, width: 70, height: 48,
                    planes: (0..<count).map { (bytes.baseAddress! + $0 * length * 48, length) },
                    matrix: 2, range: .unknown, sampleAspectRatio: ratio))
        }
        #expect(frame.width == (isIgnored ? 70 : 70 * ratio.0 / ratio.1))
        #expect(frame.height == 48)
        expectSamePixels(frame.pixels, expected)
    }

    @Test func `invalid arguments are reported`() {
        func problem(
            _ layout: RawFrame.Layout = .yuv420p, _ width: Int = 9, _ height: Int = 5,
            strides: [Int], isMissing: Bool = false
        ) -> String? {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4096) { memory in
                let top = isMissing ? nil : memory.baseAddress.map { UnsafePointer($0) }
                return RawFrame(
                    layout: layout, width: width, height: height,
                    planes: strides.map { (top, $0) }, matrix: 2, range: .unknown
                ).problem
            }
        }
        #expect(problem(strides: [9, 5, 5]) == nil)
        #expect(problem(strides: [-9, 5, 6]) == nil)
        #expect(problem(.rgb24, 9, 1, strides: [0]) == nil)
        #expect(problem(strides: [9, 5]) == "it has 3 planes, not 2")
        #expect(problem(strides: [9, 5, 5], isMissing: true) == "plane 0 is NULL")
        #expect(
            problem(strides: [9, 4, 5]) == "a row of plane 1 needs 5 bytes; its stride is 4")
        #expect(
            problem(strides: [1 << 40, 5, 5])
                == "a row of plane 0 needs 9 bytes; its stride is 1099511627776")
        #expect(problem(.rgb24, 0, 5, strides: [9]) == "a frame has 1 to 2^28 pixels, not 0×5")
        #expect(
            problem(.rgb24, 1 << 20, 1 << 20, strides: [3 << 20])
                == "a frame has 1 to 2^28 pixels, not 1048576×1048576")
        #expect(problem(.rgb24, .max, .max, strides: [0]) != nil)
    }
}
