import Frames
import Media
import Testing
import TestSupport

@Suite struct GridTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Generates a grid of moving test patterns, tiled like torchvision's `make_grid`.
    private func grid(
        _ name: String, columns: Int, rows: Int, padding: Int, cell: (width: Int, height: Int),
        _ options: String = "-c:v libx264 -qp 0 -pix_fmt yuv420p"
    ) throws -> String {
        let (w, h) = (cell.width, cell.height)
        // RGB, because with subsampled chroma pad moves to even positions.
        var graph = (0..<columns * rows).map { i in
            "testsrc2=s=\(w)x\(h):r=10:d=0.8,hue=h=\(i * 50),format=gbrp,"
                + "pad=\(w + padding):\(h + padding):\(padding):\(padding)[c\(i)];"
        }.joined()
        for row in 0..<rows {
            let cells = (0..<columns).map { "[c\(row * columns + $0)]" }.joined()
            graph += cells + (columns > 1 ? "hstack=\(columns)" : "null") + "[r\(row)];"
        }
        graph += (0..<rows).map { "[r\($0)]" }.joined()
        graph += (rows > 1 ? "vstack=\(rows)" : "null") + ",pad=iw+\(padding):ih+\(padding):0:0"
        return try folder.make(name, source: graph, options)
    }

    @Test func `cell positions match make_grid`() throws {
        // In Python, torchvision.utils.make_grid of three images of 320 × 512 gives 324 × 1544.
        let cells = try #require(GridLayout(columns: 3).cells(width: 1544, height: 324))
        #expect(
            cells == [2, 516, 1030].map { FrameRegion(x: $0, y: 2, width: 512, height: 320) })
        // Two rows of three: the fourth cell starts the second row.
        let six = try #require(GridLayout(columns: 3, rows: 2).cells(width: 1544, height: 646))
        #expect(six[3] == FrameRegion(x: 2, y: 324, width: 512, height: 320))
        #expect(GridLayout(columns: 3).cells(width: 1543, height: 324) == nil)
        #expect(GridLayout(columns: 3, padding: 0).cells(width: 1536, height: 320)?.count == 3)
        #expect(GridLayout(columns: 900).cells(width: 1802, height: 324) == nil)
    }

    @Test func `a region matches ffmpeg's crop`() throws {
        let path = try grid("g.mp4", columns: 3, rows: 1, padding: 2, cell: (64, 48))
        let cropped = folder.path("cell.nut")
        try FFmpeg.run([
            "-i", path, "-vf", "crop=64:48:68:2,format=rgb24", "-c:v", "rawvideo", cropped,
        ])
        let cell = try Reading(path + "#xywh=68,2,64,48")
        #expect(cell.info.width == 64 && cell.info.height == 48)
        #expect(cell.pixels == (try FFmpeg.rgb(of: cropped)))
        #expect(cell.times.map(\.ptsSeconds) == (try Reading(path)).times.map(\.ptsSeconds))
    }

    @Test func `odd offsets and sizes are cropped exactly`() throws {
        let path = try grid("g.mp4", columns: 2, rows: 1, padding: 2, cell: (64, 48))
        let whole = try Reading(path).frames[0]
        let part = try Reading(path + "#xywh=pixel:3,5,31,17").frames[0]
        #expect(part.width == 31 && part.height == 17)
        // Pixel (7, 4) of the region is pixel (10, 9) of the frame.
        #expect(
            part.pixels[3 * (4 * 31 + 7)..<3 * (4 * 31 + 8)]
                == whole.pixels[3 * (9 * whole.width + 10)..<3 * (9 * whole.width + 11)])
    }

    @Test func `a region outside the frame is refused, a file of that name is read`() throws {
        let path = try folder.make("a.mp4", "-frames:v 2")
        let outside = path + "#xywh=100,0,64,48"
        #expect(mediaError(outside) == .regionOutsideFrame(input: outside, width: 130, height: 98))
        let named = try folder.make("b#xywh=0,0,8,8", "-frames:v 2", "-f matroska")
        #expect(try Reading(named).info.width == 130)
        for text in ["#xywh=1,2,3", "#xywh=1,2,0,4", "#xywh=1,2,3,-4", "#xywh=1,2,3,9999999999"] {
            #expect(FrameRegion.split("x.mp4" + text) == ("x.mp4" + text, nil))
        }
    }

    @Test(arguments: [(3, 1, 2), (1, 3, 2), (4, 2, 1), (2, 2, 5), (10, 1, 2), (2, 1, 8)])
    func `the layout is detected from black gutters`(columns: Int, rows: Int, padding: Int) throws {
        // Encoded as VideoCrafter does: H.264, CRF 10.
        let path = try grid(
            "g.mp4", columns: columns, rows: rows, padding: padding, cell: (64, 48),
            "-c:v libx264 -crf 10 -pix_fmt yuv444p")
        let (width, height, layout) = try GridLayout.detect(in: .path(path))
        #expect(layout == GridLayout(columns: columns, rows: rows, padding: padding))
        #expect(layout?.cells(width: width, height: height)?.count == columns * rows)
    }

    @Test func `a plain video, a letterbox and a dark video are not grids`() throws {
        let plain = try folder.make("plain.mp4", "-frames:v 4")
        let letterbox = try folder.make(
            "letterbox.mp4", source: "testsrc2=s=64x36:r=10:d=1,pad=64:48:0:6", "-frames:v 4")
        let dark = try folder.make("dark.mp4", source: "color=black:s=200x52:r=10:d=1")
        for path in [plain, letterbox, dark] {
            #expect(try GridLayout.detect(in: .path(path)).layout == nil)
        }
    }
}
