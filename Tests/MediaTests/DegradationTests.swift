import Frames
import Media
import TestSupport
import Testing

/// Damage is what the ffmpeg command makes of a clip with the filter or encoder that the table names, then
/// H.264 of CRF 20.
@Suite struct DegradationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let degradation: Degradation
        /// After `-vf`.
        var filters = ""
        /// Of an encoding in between.
        var encoder = ""

        var testDescription: String { "\(degradation)" }
    }

    /// The clip has 130 × 98 pixels and 16 frames.
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
            degradation: .init(kind: .shuffle, strength: 5, seed: 9),
            filters: "random=frames=16:seed=9"),
        // 16 · 0.3 = 4.8: five move, the fifth is held for the other eleven.
        Case(
            degradation: .init(kind: .freeze, strength: 4),
            filters: "format=yuv420p,trim=end_frame=5,tpad=stop=11:stop_mode=clone"),
    ]

    @Test(arguments: cases)
    func `damage is that of the ffmpeg command`(case: Case) throws {
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
        let reading = try treated(clip, `case`.degradation.treatment.steps)
        #expect(reading.frames.count == 16)
        expectSamePixels(reading.pixels, try FFmpeg.rgb(of: copy))
    }

    @Test(arguments: Degradation.Kind.allCases)
    func `a stronger damage is farther from the clip`(kind: Degradation.Kind) throws {
        let folder = try TemporaryFolder()
        let clip = try folder.make(
            "clip.mp4", source: "testsrc2=s=130x98:r=8:d=4", "-pix_fmt yuv420p")
        let clean = try Reading(clip).pixels
        for seed in [UInt32(0), 1, 2] {
            let distances = try [1, 5].map { strength in
                let steps = Degradation(kind: kind, strength: strength, seed: seed).treatment.steps
                let damaged = try treated(clip, steps).pixels
                return zip(clean, damaged).reduce(0) { sum, pair in
                    let difference = Int(pair.0) - Int(pair.1)
                    return sum + difference * difference
                }
            }
            #expect(distances[0] > 0 && distances[0] < distances[1], "\(seed): \(distances)")
        }
    }

    @Test func `a picture has no motion to damage`() throws {
        let folder = try TemporaryFolder()
        let picture = try folder.make("one.png", source: "testsrc2=s=64x48", "-frames:v 1")
        let coded = try treated(picture, [.encode(.h264(crf: 20))]).pixels
        for kind in [Degradation.Kind.freeze, .shuffle] {
            let damaged = try treated(
                picture, Degradation(kind: kind, strength: 5).treatment.steps)
            #expect(damaged.info.kind == .image && damaged.frames.count == 1)
            expectSamePixels(damaged.pixels, coded)
        }
    }
}
