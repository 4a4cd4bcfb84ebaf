import Foundation
import Frames
import Media
import Testing
import TestSupport

/// Filtered frames are bit-exact with the `ffmpeg` command for the same filters and encoders.
@Suite struct FrameFilteringTests {
    /// A file and the ffmpeg options that generate it.
    struct Input: Sendable, CustomTestStringConvertible {
        let name: String
        let options: String
        var source = "testsrc2=s=130x98:r=10:d=1.6"

        var testDescription: String { name }
    }

    static let inputs = [
        Input(name: "709.mp4", options: "-pix_fmt yuv420p -colorspace bt709"),
        Input(name: "full.mkv", options: "-pix_fmt yuvj420p -color_range pc"),
        Input(name: "odd.mkv", options: "-c:v ffv1", source: "testsrc=s=131x97:r=10:d=1"),
        Input(name: "10bit.mov", options: "-c:v prores_ks"),
        Input(name: "animation.gif", options: ""),
        Input(name: "alpha.png", options: "-vf format=rgba,colorchannelmixer=aa=0.5 -frames:v 1"),
        Input(name: "422.jpg", options: "-pix_fmt yuvj422p -frames:v 1"),
        Input(name: "b-frames.ts", options: "-c:v libx264 -bf 3 -pix_fmt yuv420p"),
    ]

    static let filters = [
        "gblur=sigma=1.2", "noise=alls=20:allf=t:all_seed=7", "eq=saturation=0.4",
        "colorchannelmixer=rr=1.13:gg=0.74", "scale=64:48:flags=area,scale=130:98:flags=bicubic",
        "crop=33:21:4:6,hflip", "split[a][b];[b]negate[c];[a][c]hstack",
    ]

    @Test(arguments: inputs, filters)
    func `filters match ffmpeg -vf`(input: Input, filters: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(input.name, source: input.source, input.options)
        let reading = try treated(path, [.filters(filters)])
        let expected = try FFmpeg.run(
            ["-i", path, "-vf", filters, "-fps_mode", "passthrough", "-f", "rawvideo"]
                + ["-pix_fmt", "rgb24", "-"])
        expectSamePixels(reading.pixels, Array(expected))
        #expect(reading.truncation == nil)
        #expect(reading.info.width == reading.frames[0].width)
        #expect(reading.info.height == reading.frames[0].height)
    }

    static let codecs: [(codec: RoundTripCodec, options: String)] = [
        (.h264(crf: 35), "-c:v libx264 -mbtree 0 -crf 35"),
        (.h264(crf: 20, preset: "veryfast"), "-c:v libx264 -mbtree 0 -crf 20 -preset veryfast"),
        (.mpeg4(quantiser: 9), "-c:v mpeg4 -g 12 -q:v 9"),
    ]

    @Test(arguments: inputs, codecs)
    func `an encoding round trip matches ffmpeg`(
        input: Input, codec: (codec: RoundTripCodec, options: String)
    ) throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(input.name, source: input.source, input.options)
        let between = folder.path("between.mkv")
        try FFmpeg.run(
            ["-i", path, "-vf", "gblur,format=yuv420p,crop=trunc(iw/2)*2:trunc(ih/2)*2"]
                + ["-fps_mode", "passthrough", "-an", "-threads", "1"]
                + codec.options.split(separator: " ").map(String.init) + [between])
        let reading = try treated(path, [.filters("gblur"), .encode(codec.codec)])
        expectSamePixels(reading.pixels, try FFmpeg.rgb(of: between))
        #expect(reading.info.codecName == (codec.options.contains("264") ? "h264" : "mpeg4"))
    }

    @Test(arguments: [(5.0, 8), (8.0, 13), (24.0, 38)])
    func `a frame rate matches the fps filter`(
        rate: Double, count: Int
    ) throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            "rate.mp4", source: "testsrc2=s=64x48:r=10:d=1.6", "-pix_fmt yuv420p")
        let reading = try treated(path, [.frameRate(rate)])
        let expected = try FFmpeg.run([
            "-i", path, "-vf", "fps=\(rate)", "-f", "rawvideo", "-pix_fmt", "rgb24", "-",
        ])
        expectSamePixels(reading.pixels, Array(expected))
        #expect(reading.info.frameRate == rate)
        #expect(reading.frames.count == count)
        #expect(
            zip(reading.times, 0...).allSatisfy {
                abs(($0.ptsSeconds ?? -1) - Double($1) / rate) < 1e-9
            })
    }

    @Test func `a jump in time stamps is not filled with frames`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            "leap.mkv", source: "testsrc2=s=64x48:r=10:d=1,setpts=PTS+gte(N\\,5)*100000/TB",
            "-fps_mode passthrough -c:v ffv1")
        // Ten frames, 0.1 s apart after the jump is removed.
        let reading = try treated(path, [.frameRate(20)])
        #expect(reading.frames.count == 20)
    }

    @Test func `rotation is applied before filters`() throws {
        let folder = try TemporaryFolder()
        let upright = try folder.make("upright.mp4", "-pix_fmt yuv420p")
        let path = folder.path("turned.mp4")
        try FFmpeg.run(["-i", upright, "-c", "copy", "-metadata:s:v", "rotate=90", path])
        let reading = try treated(path, [.filters("crop=40:60:0:0")])
        let expected = try FFmpeg.run([
            "-i", path, "-vf", "crop=40:60:0:0", "-f", "rawvideo", "-pix_fmt", "rgb24", "-",
        ])
        expectSamePixels(reading.pixels, Array(expected))
        // Placeholders have the rotated size, 98 × 130.
        let sized = try treated(path, [.filters("scale={width}*2:{height}")])
        #expect(sized.info.width == 196 && sized.info.height == 130)
    }

    @Test func `an image stays an image with any frame rate`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make("one.png", "-frames:v 1")
        let reading = try treated(path, [.frameRate(3), .encode(.h264(crf: 20))])
        #expect(reading.info.kind == .image)
        #expect(reading.times == [FrameTime(index: 0)])
    }

    @Test func `a change of frame size restarts the filters`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.make("small.ts", source: "testsrc2=s=64x48:r=10:d=0.5")
        _ = try folder.make("large.ts", source: "testsrc2=s=96x64:r=10:d=0.7")
        let both = try folder.write(
            try folder.bytes("small.ts") + folder.bytes("large.ts"), to: "both.ts")
        // Lossless, so every frame is unchanged.
        let reading = try treated(both, [.encode(.h264(crf: 0))])
        let plain = try Reading(both)
        #expect(Set(plain.frames.map(\.width)) == [64, 96])
        #expect(reading.frames.map(\.width) == plain.frames.map(\.width))
        expectSamePixels(reading.pixels, plain.pixels)
    }

    @Test func `an empty list of steps changes nothing`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make("plain.mp4", "-pix_fmt yuv420p")
        let (plain, unchanged) = (try Reading(path), try treated(path, []))
        #expect(plain.frames == unchanged.frames && plain.times == unchanged.times)
    }

    @Test(arguments: [
        ("no_such_filter", "No such filter: 'no_such_filter'"), ("select=0", "no frame is left"),
        ("random=frames={frames}", "its length is not known before its end"),
        ("hflip[unused];[other]vflip", "cannot be filtered"),
    ])
    func `a failing filter is reported with its reason`(filters: String, reason: String) throws {
        let folder = try TemporaryFolder()
        // Raw H.264 has no known length.
        let path = try folder.make("stream.264", "-pix_fmt yuv420p")
        var options = MediaOptions()
        options.filtering = FrameFiltering([.filters(filters)])
        let error = try #require(mediaError(path, options: options))
        guard case .filtering = error else {
            Issue.record("\(error)")
            return
        }
        #expect("\(error)".contains(reason), "\(error)")
    }

    @Test func `clips are sampled from filtered frames`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make("clip.mp4", "-pix_fmt yuv420p")
        var options = MediaOptions()
        options.filtering = FrameFiltering([.filters("trim=end_frame=6,hflip")])
        let reader = ClipReader(
            source: .path(path), options: options,
            sampling: .uniform(UniformSampling(frameCount: 3))
        ) { $0.pixels }
        var clips: [Clip] = []
        let summary = try reader.read { clips.append($0) }
        // The middle frames of 0–1, 2–3 and 4–5.
        #expect(summary.frameCount == 6 && clips.map(\.indices) == [[0, 2, 4]])
        #expect(clips[0].frames[1] == (try treated(path, [.filters("hflip")]).frames[2].pixels))
    }
}

/// Reads an input with filters and encoders applied.
func treated(_ path: String, _ steps: [FrameFiltering.Step]) throws -> Reading {
    var options = MediaOptions()
    options.filtering = FrameFiltering(steps)
    return try Reading(path, options: options)
}
