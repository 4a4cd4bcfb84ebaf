import Media

/// A clip or a picture as failed runs of generators leave it, made by FFmpeg's own sources.
///
/// What an overflowed VAE, a safety checker, a broken decoder or a run that diverged puts out. Some of them are
/// shown to every training with the label 0; the others are kept back, to see what a head makes of failures that
/// it does not know.
public struct FailurePattern: Sendable, Hashable {
    public let name: String
    /// Whether trainings see it.
    public let isShown: Bool
    /// Whether it moves: else one frame stands for all.
    let isMoving: Bool
    let graph: String

    private init(_ name: String, _ graph: String, isShown: Bool = true, isMoving: Bool = false) {
        self.name = name
        self.graph = graph
        self.isShown = isShown
        self.isMoving = isMoving
    }

    /// A filter graph without inputs, of so many frames.
    func video(frameCount: Int) -> PatternVideo {
        PatternVideo(graph: graph, frameCount: isMoving ? frameCount : 1)
    }

    /// All of them: `shown`, then `keptBack`.
    public static let all = shown + keptBack

    /// What trainings see.
    public static let shown: [FailurePattern] =
        ["black", "white", "gray", "red", "blue", "lime", "saddlebrown", "pink"].map(plain)
        + [
            // What decoders make of empty YUV.
            rgb("green of YUV", red: "0", green: "135", blue: "0"),
            gray("gradient", "255*X/W"),
            rgb("gradient of colours", red: "255*X/W", green: "255*Y/H", blue: "128"),
            rgb("dim gradient", red: "20*X/W", green: "30*Y/H", blue: "20"),
            gray("vignette", "180-0.004*((X-160)^2+(Y-128)^2)"),
            noise("noise, still", "random(1)*255", "random(2)*255", "random(3)*255"),
            noise(
                "noise, moving", "random(1)*255", "random(2)*255", "random(3)*255", isMoving: true),
            noise("gray noise", "128+60*(random(1)-0.5)", isMoving: true),
            noise("dark noise", "40*random(1)", isMoving: true),
            noise(
                "noise of a latent", "random(1)*255", "random(2)*255", "random(3)*255",
                cell: 8, scaler: "neighbor", isMoving: true),
            noise(
                "smooth noise", "random(1)*255", "random(2)*255", "random(3)*255", cell: 16,
                scaler: "bicubic"),
            noise(
                "blobs", "random(1)*255", "random(2)*255", "random(3)*255", cell: 64,
                scaler: "bicubic"),
            noise(
                "large pixels", "random(1)*255", "random(2)*255", "random(3)*255", cell: 32,
                scaler: "neighbor"),
            gray("checks", "255*mod(floor(X/32)+floor(Y/32),2)"),
            gray("fine checks", "255*mod(floor(X/2)+floor(Y/2),2)"),
            gray("stripes", "255*mod(floor(X/8),2)"),
            gray("diagonal stripes", "127+120*sin((X+Y)/9)"),
            gray("rings", "127+120*sin(hypot(X-160,Y-128)/6)"),
            FailurePattern("colour bars", "smptebars=size=320x256:rate=8,format=rgb24"),
            FailurePattern(
                "test pattern", "testsrc2=size=320x256:rate=8,format=rgb24", isMoving: true),
            FailurePattern(
                "flashes", "\(source),geq=r='255*mod(N,2)':g='255*mod(N,2)':b='255*mod(N,2)'",
                isMoving: true),
        ]

    /// What trainings do not see.
    public static let keptBack: [FailurePattern] = hidden(
        ["teal", "yellow", "navy", "darkgray"].map(plain)
            + [
                rgb("gradient of two colours", red: "255-255*Y/H", green: "60", blue: "255*Y/H"),
                noise("coloured noise", "100+random(1)*155", "random(2)*80", "random(3)*120"),
                noise(
                    "noise of 4 pixels", "random(1)*255", "random(2)*255", "random(3)*255", cell: 4,
                    scaler: "bilinear"),
                noise("bright noise", "200+55*random(1)", isMoving: true),
                gray("small checks", "255*mod(floor(X/12)+floor(Y/12),2)"),
                gray("horizontal stripes", "255*mod(floor(Y/5),2)"),
                gray("waves", "127+100*sin(X/15)*cos(Y/11)"),
                FailurePattern("colour bars of HD", "smptehdbars=size=320x256:rate=8,format=rgb24"),
                FailurePattern("RGB test", "rgbtestsrc=size=320x256:rate=8,format=rgb24"),
                FailurePattern(
                    "cellular automaton",
                    "cellauto=size=320x256:rate=8:seed=7:rule=110,format=rgb24", isMoving: true),
                FailurePattern(
                    "game of life",
                    "life=size=160x128:rate=8:seed=7:ratio=0.3,"
                        + "scale=320:256:flags=neighbor,format=rgb24", isMoving: true),
            ])

    private static let source = "color=black:size=320x256:rate=8,format=gbrp"

    private static func plain(_ colour: String) -> FailurePattern {
        FailurePattern(colour, "color=\(colour):size=320x256:rate=8,format=rgb24")
    }

    private static func rgb(
        _ name: String, red: String, green: String, blue: String
    ) -> FailurePattern {
        FailurePattern(name, "\(source),geq=r='\(red)':g='\(green)':b='\(blue)',format=rgb24")
    }

    private static func gray(_ name: String, _ value: String) -> FailurePattern {
        rgb(name, red: value, green: value, blue: value)
    }

    /// Cells of noise; the generator of `random` begins anew in each graph.
    ///
    /// - Parameters:
    ///   - values: Of red, green and blue; of one for all, gray.
    ///   - cell: Their side, in pixels.
    private static func noise(
        _ name: String, _ values: String..., cell: Int = 1, scaler: String = "neighbor",
        isMoving: Bool = false
    ) -> FailurePattern {
        let size = "\(320 / cell)x\(256 / cell)"
        let channels =
            values.count == 1
            ? "format=gray,geq=lum='\(values[0])'"
            : "format=gbrp,geq=r='\(values[0])':g='\(values[1])':b='\(values[2])'"
        return FailurePattern(
            name,
            "color=black:size=\(size):rate=8,\(channels),format=rgb24,scale=320:256:flags=\(scaler)",
            isMoving: isMoving)
    }

    private static func hidden(_ patterns: [FailurePattern]) -> [FailurePattern] {
        patterns.map { FailurePattern($0.name, $0.graph, isShown: false, isMoving: $0.isMoving) }
    }
}
