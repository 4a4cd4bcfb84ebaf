import Files
import Foundation
import Frames
import Media
import TestSupport

/// Images and videos. The libraries of FFmpeg and libtiff are those of the system, without
/// sanitizers: this finds faults of the reader, and those of the libraries that end the process.
extension FuzzTarget {
    static let still = FuzzTarget(name: "still") { _ in
        try FileManager.default.contentsOfDirectory(atPath: Fixture.path("media/stills"))
            .map { Fixture.path("media/stills/\($0)") }
    } open: { folder in
        { try readMedia($0, in: folder) }
    }

    static let video = FuzzTarget(name: "video") { folder in
        let options: [(name: String, options: String)] = [
            ("h264.mp4", "-c:v libx264 -preset ultrafast"),
            ("fragmented.mp4", "-c:v libx264 -movflags frag_keyframe+empty_moov"),
            ("rotated.mov", "-c:v mjpeg -metadata:s:v rotate=90"),
            ("mpeg4.avi", "-c:v mpeg4"), ("anamorphic.avi", "-c:v mjpeg -vf setsar=4/3"),
            ("vp8.webm", "-c:v libvpx"), ("h264.mkv", "-c:v libx264 -preset ultrafast"),
            ("mpeg2.ts", "-c:v mpeg2video"), ("mpeg2.mpg", "-c:v mpeg2video"),
            ("flv.flv", "-c:v flv"), ("wmv2.asf", "-c:v wmv2"), ("ffv1.nut", "-c:v ffv1"),
            ("theora.ogg", "-c:v libtheora"), ("mxf.mxf", "-c:v mpeg2video"),
            ("animated.gif", ""), ("animated.png", "-f apng"), ("raw.y4m", "-s 8x6"),
            ("h264.h264", "-c:v libx264"), ("animated.webp", "-c:v libwebp_anim"),
        ]
        return try options.map { name, options in
            try folder.make(
                name, source: "testsrc2=s=32x24:r=25:d=0.2", "-pix_fmt \(pixelFormat(of: name))",
                options)
        }
    } open: { folder in
        { try readMedia($0, in: folder) }
    }

    static let tar = FuzzTarget(name: "tar") { _ in
        try Fixture.files("media/shards", ".tar")
    } open: { folder in
        { bytes in
            let file = try FilePart(path: folder.write(bytes, to: "input.tar"))
            let index = try TarIndex(file)
            for member in index.members {
                expect(
                    member.offset >= 0 && member.byteCount >= 0
                        && member.offset + member.byteCount <= file.byteCount,
                    "a member outside the archive")
                expect(index[member.name]?.offset == member.offset, "a member that is not found")
            }
            for sample in try TarSamples(index, of: file).samples {
                _ = InputSource.path(sample.input).scheme
            }
        }
    }

    private static func pixelFormat(of name: String) -> String {
        switch name {
        case "animated.gif": "rgb8"
        case "animated.png": "rgb24"
        case "rotated.mov", "anamorphic.avi": "yuvj420p"
        default: "yuv420p"
        }
    }

    private static func readMedia(
        _ bytes: UnsafeRawBufferPointer, in folder: TemporaryFolder
    ) throws {
        let path = try folder.write(bytes, to: "input")
        // Large frames are tested elsewhere; here they would cost time.
        let options = MediaOptions(
            pixelLimit: 1 << 20, durationLimit: 60, timeoutSeconds: 5, threadCount: 1)
        let reader = ClipReader(
            source: .path(path), options: options,
            sampling: .uniform(UniformSampling(frameCount: 4))
        ) { frame in
            [frame.pixels[0], frame.pixels[frame.pixels.count - 1]]
        }
        let summary = try reader.read { clip in
            expect(!clip.indices.isEmpty, "a clip without frames")
        }
        expect(summary.frameCount > 0, "an input without frames")
        expect(summary.info.width > 0 && summary.info.height > 0, "frames without pixels")
        expect(summary.durationSeconds?.isFinite != false, "a duration that is not finite")
        // Windows take every frame.
        let windows = ClipReader(
            source: .path(path), options: options,
            sampling: .window(WindowSampling(frameCount: 2))
        ) { [$0.pixels[0]] }
        _ = try windows.read { _ in }
        _ = InputExpander.expand(path)
    }
}
