import Frames
import Media
import Testing
import TestSupport

/// Degraded clips are bit-exact with the ffmpeg command for the filter or encoder of each case,
/// followed by H.264 with CRF 20.
@Suite struct DegradationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let degradation: Degradation
        /// Argument of `-vf`.
        var filters = ""
        /// Options of an intermediate encoding.
        var encoder = ""

        var testDescription: String {
            "\(degradation.name), strength \(degradation.strength), seed \(degradation.seed)"
        }
    }

    /// Cases for a clip of 130 × 98 pixels and 16 frames.
    static let cases = [
        Case(degradation: .init(kind: .blur, strength: 3), filters: "gblur=sigma=2"),
        Case(
            degradation: .init(kind: .noise, strength: 1, seed: 41),
            filters: "noise=alls=6:allf=t:all_seed=41"),
        Case(
            degradation: .init(kind: .blocks, strength: 2, seed: 4),
            encoder: "-c:v libx264 -mbtree 0 -preset veryfast -crf 35"),
        Case(
            degradation: .init(kind: .blocks, strength: 5, seed: 3),
            encoder: "-c:v mpeg4 -g 12 -q:v 31"),
        Case(degradation: .init(kind: .colour, strength: 4, seed: 3), filters: "eq=saturation=0.2"),
        Case(degradation: .init(kind: .colour, strength: 5, seed: 1), filters: "eq=saturation=3"),
        Case(
            degradation: .init(kind: .colour, strength: 2, seed: 2),
            filters: "colorchannelmixer=rr=1.08:gg=0.84"),
        Case(
            degradation: .init(kind: .colour, strength: 1, seed: 17),
            filters: "colorchannelmixer=bb=1.04:gg=0.92"),
        // 130 / 2.8 / 2 = 23.2, 98 / 2.8 / 2 = 17.5.
        Case(
            degradation: .init(kind: .resolution, strength: 3),
            filters: "scale=46:36:flags=area,scale=130:98:flags=bicubic"),
        Case(
            degradation: .init(kind: .stutter, strength: 4),
            filters: "select='lt(mod(n,3),1)',fps=8"),
        Case(
            degradation: .init(kind: .flicker, strength: 5, seed: 6),
            filters: "eq=brightness='0.25*sin(n*37.719+6)':eval=frame"),
        // 130 · 1.06 / 2 = 68.9, 98 · 1.06 / 2 = 51.9.
        Case(
            degradation: .init(kind: .jitter, strength: 4, seed: 2),
            filters: "scale=138:104:flags=bicubic,crop=130:98:'4*(1+sin(n*37.719+2))':"
                + "'3*(1+sin(n*50.856+2))'"),
        Case(
            degradation: .init(kind: .ghost, strength: 3),
            filters: "tmix=frames=3:weights=1 1 1"),
        Case(
            degradation: .init(kind: .drift, strength: 5, seed: 2),
            filters: "eq=brightness='0.35*(n/16)':eval=frame"),
        Case(
            degradation: .init(kind: .wobble, strength: 5, seed: 0),
            filters: "perspective=x0='W*0.09*sin(on*37.719)':y0='W*0.09*sin(on*90.267)':"
                + "x1='W+W*0.09*sin(on*50.856)':y1='W*0.09*sin(on*103.404)':"
                + "x2='W*0.09*sin(on*63.993)':y2='H+W*0.09*sin(on*116.541)':"
                + "x3='W+W*0.09*sin(on*77.13)':y3='H+W*0.09*sin(on*129.678)':eval=frame"),
        Case(
            degradation: .init(kind: .shuffle, strength: 5, seed: 9),
            filters: "random=frames=16:seed=9"),
        // 16 · 0.3 = 4.8: five frames move, the fifth is repeated for the other eleven.
        Case(
            degradation: .init(kind: .freeze, strength: 4),
            filters: "format=yuv420p,trim=end_frame=5,tpad=stop=11:stop_mode=clone"),
    ]

    @Test(arguments: cases)
    func `degradations match the ffmpeg command`(case: Case) throws {
        let folder = try TemporaryFolder()
        let clip = try folder.make(
            "clip.mp4", source: "testsrc2=s=130x98:r=8:d=2", "-pix_fmt yuv420p")
        var source = clip
        if !`case`.encoder.isEmpty {
            source = folder.path("between.mkv")
            try FFmpeg.run(
                ["-i", clip, "-threads", "1", "-pix_fmt", "yuv420p"]
                    + `case`.encoder.split(separator: " ").map(String.init) + [source])
        }
        let copy = folder.path("copy.mkv")
        try FFmpeg.run(
            ["-i", source] + (`case`.filters.isEmpty ? [] : ["-vf", `case`.filters])
                + [
                    "-c:v", "libx264", "-mbtree", "0", "-crf", "20", "-pix_fmt", "yuv420p",
                    "-threads", "1", copy,
                ])
        let reading = try treated(clip, `case`.degradation.filtering.steps)
        #expect(reading.frames.count == 16)
        expectSamePixels(reading.pixels, try FFmpeg.rgb(of: copy))
    }

    /// Of 16 frames, `cut` drops a run of 0.3 · 16 = 5 from frame (16 − 5) · 0.5 = 6 on; `skip`
    /// alternately keeps and drops three frames.
    @Test(arguments: [
        (Degradation(kind: .cut, strength: 3, seed: 2), "lt(n,6)+gte(n,11)", 11),
        (Degradation(kind: .skip, strength: 3, seed: 2), "lt(mod(n+2,6),3)", 7),
    ])
    func `cut and skip drop frames`(
        degradation: Degradation, selection: String, count: Int
    ) throws {
        let folder = try TemporaryFolder()
        let clip = try folder.make(
            "clip.mp4", source: "testsrc2=s=130x98:r=8:d=2", "-pix_fmt yuv420p")
        let copy = folder.path("copy.mkv")
        try FFmpeg.run([
            "-i", clip, "-vf", "select='\(selection)',setpts=N/8/TB", "-c:v", "libx264", "-mbtree",
            "0", "-crf", "20", "-pix_fmt", "yuv420p", "-threads", "1", copy,
        ])
        let reading = try treated(clip, degradation.filtering.steps)
        #expect(reading.frames.count == count)
        expectSamePixels(reading.pixels, try FFmpeg.rgb(of: copy))
    }

    @Test func `filter graphs are validated without reading a clip`() throws {
        try Degradation(filters: "gblur=sigma=3,hue=s=0").filtering.check()
        for kind in Degradation.Kind.allCases {
            for strength in Degradation.strengths {
                for seed in [UInt32(0), 1, 2, 3, 4, 7, 99_999] {
                    try Degradation(kind: kind, strength: strength, seed: seed).filtering.check()
                }
            }
        }
        for invalid in ["gblr=3", "gblur=sigma=", "split", "[a]", "crop=4000:4000"] {
            #expect(throws: MediaError.self, "\(invalid)") {
                try Degradation(filters: invalid).filtering.check()
            }
        }
    }

    /// Degradations of motion only reorder frames and are compared with the ffmpeg command above.
    @Test(arguments: Degradation.Kind.spatial)
    func `the difference increases with strength`(kind: Degradation.Kind) throws {
        let folder = try TemporaryFolder()
        let clip = try folder.make(
            "clip.mp4", source: "testsrc2=s=130x98:r=8:d=4", "-pix_fmt yuv420p")
        let clean = try Reading(clip).pixels
        for seed in [UInt32(0), 1, 2] {
            let distances = try [1, 5].map { strength in
                let steps = Degradation(kind: kind, strength: strength, seed: seed).filtering.steps
                let damaged = try treated(clip, steps).pixels
                return zip(clean, damaged).reduce(0) { sum, pair in
                    let difference = Int(pair.0) - Int(pair.1)
                    return sum + difference * difference
                }
            }
            #expect(distances[0] > 0 && distances[0] < distances[1], "\(seed): \(distances)")
        }
    }

    @Test func `degradations of motion do not change an image`() throws {
        let folder = try TemporaryFolder()
        let image = try folder.make("one.png", source: "testsrc2=s=64x48", "-frames:v 1")
        let coded = try treated(image, [.encode(.h264(crf: 20))]).pixels
        for kind in Degradation.Kind.temporal {
            let damaged = try treated(
                image, Degradation(kind: kind, strength: 5).filtering.steps)
            #expect(damaged.info.kind == .image && damaged.frames.count == 1)
            expectSamePixels(damaged.pixels, coded)
        }
    }
}
