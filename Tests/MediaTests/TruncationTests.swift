import Foundation
import Media
import Testing
import TestSupport

/// An input is truncated if something is missing, and only then.
@Suite struct TruncationTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    static let source = "testsrc2=s=320x240:r=25:d=4"

    @Test func `an FLV that ends between two tags lacks what its metadata declare`() throws {
        let path = try folder.make(
            "a.flv", source: Self.source, "-c:v libx264 -pix_fmt yuv420p")
        let bytes = try folder.bytes("a.flv")
        var end = 13
        while end < bytes.count / 2 {
            let size = bytes[end + 1..<end + 4].reduce(0) { $0 << 8 | Int($1) }
            end += 15 + size
        }
        #expect(try Reading(path).truncation == nil)
        let half = try folder.write(bytes.prefix(end), to: "half.flv")
        #expect(
            try Reading(half).truncation
                == "the file has \(end) bytes, its contents reach to byte \(bytes.count)")
        let streamed = try folder.make(
            "b.flv", source: Self.source,
            "-c:v libx264 -pix_fmt yuv420p -flvflags no_duration_filesize")
        #expect(try Reading(streamed).truncation == nil)
    }

    private func frameCount(_ path: String) throws -> Int? {
        try FFmpeg.probe(path, "stream=nb_read_frames", "-count_frames").first
    }

    @Test(arguments: [
        ("a.avi", "-c:v mpeg4 -bf 2"), ("a.mkv", "-c:v libx264"), ("a.webm", "-c:v libvpx"),
        ("live.mkv", "-c:v libx264 -live 1"), ("a.flv", "-c:v libx264 -pix_fmt yuv420p"),
        ("a.mp4", "-c:v libx264 -movflags +faststart"),
        ("fragments.mp4", "-c:v libx264 -g 25 -movflags +frag_keyframe+empty_moov"),
        ("a.mov", "-c:v libx264 -movflags +faststart"), ("a.wmv", "-c:v wmv2"),
        ("a.ts", "-c:v libx264 -pix_fmt yuv420p"), ("mpeg2.ts", "-c:v mpeg2video"),
        ("a.gif", ""), ("a.y4m", "-pix_fmt yuv420p"), ("a.mpg", "-c:v mpeg2video"),
        ("a.ogv", "-c:v libtheora -q:v 5"), ("a.nut", "-c:v mpeg4"), ("a.ivf", "-c:v libvpx"),
        ("a.mxf", "-c:v mpeg2video"), ("a.264", "-c:v libx264 -pix_fmt yuv420p"),
    ])
    func `half a file is truncated, a whole one is not`(name: String, options: String) throws {
        let path = try folder.make(name, source: Self.source, options)
        let whole = try Reading(path)
        #expect(whole.truncation == nil)
        #expect(try whole.frames.count == frameCount(path))
        let bytes = try folder.bytes(name)
        for share in [40, 55, 77] {
            // Odd, so that the cut is not between two packets of a transport stream, where nothing
            // tells it.
            let half = try folder.write(
                bytes.prefix(bytes.count * share / 100 | 1), to: "half-\(share)-" + name)
            let reading = try Reading(half)
            #expect(reading.truncation != nil, "\(share) %")
            #expect(reading.frames.count < 100)
        }
    }

    /// The sizes in the header, or of the last element, tell what a cut between two frames hides.
    @Test(arguments: [
        ("a.avi", "-c:v mpeg4"), ("a.mkv", "-c:v mpeg4"), ("a.webm", "-c:v libvpx"),
        ("a.mp4", "-c:v mpeg4 -movflags +faststart"), ("a.wmv", "-c:v wmv2"),
    ])
    func `a file cut between two frames is truncated`(name: String, options: String) throws {
        let path = try folder.make(name, source: Self.source, options)
        let positions = try FFmpeg.probe(path, "packet=pos")
        // A chunk header before the packet: 8 bytes in AVI.
        let cut = positions[60] - (name == "a.avi" ? 8 : 0)
        let cutPath = try folder.write(try folder.bytes(name).prefix(cut), to: "cut-" + name)
        #expect(try Reading(cutPath).truncation != nil)
    }

    /// A muxer fills the gaps between frames of an AVI with empty chunks and counts them.
    @Test func `an AVI with empty chunks is whole`() throws {
        let movie = try folder.make(
            "s.mp4", source: "testsrc=r=12:d=2:s=64x48", "-c:v libx264 -bf 3 -pix_fmt yuv420p")
        let copy = folder.path("copy.avi")
        try FFmpeg.run(["-i", movie, "-c", "copy", copy])
        let sparse = try folder.make(
            "vfr.avi", source: "testsrc=r=24:d=2:s=64x48",
            "-vf select='not(mod(n\\,3))' -fps_mode passthrough -c:v mpeg4")
        for (path, count) in [(copy, 24), (sparse, 16)] {
            let reading = try Reading(path)
            #expect(reading.truncation == nil)
            #expect(reading.frames.count == count)
            #expect(try frameCount(path) == count)
        }
    }

    @Test(arguments: [
        ("a.ts", "-c:v libx264 -pix_fmt yuv420p", 200), ("a.ts", "-c:v mpeg2video", 200),
        ("a.mpg", "-c:v mpeg2video", 200), ("a.ogv", "-c:v libtheora -q:v 5", 200),
    ])
    func `joined recordings are whole`(name: String, options: String, count: Int) throws {
        try folder.make(name, source: Self.source, options)
        let bytes = try folder.bytes(name)
        let reading = try Reading(try folder.write(bytes + bytes, to: "joined-" + name))
        #expect(reading.truncation == nil)
        #expect(reading.frames.count == count)
    }

    @Test(
        arguments: ["-c:v libx264 -g 25 -pix_fmt yuv420p", "-c:v mpeg2video -g 25 -bf 2"],
        [1, 30_001, 60_007])
    func `a transport stream that starts in the middle is whole`(
        options: String, offset: Int
    ) throws {
        try folder.make("a.ts", source: Self.source, options)
        let path = try folder.write(try folder.bytes("a.ts").dropFirst(offset), to: "middle.ts")
        let reading = try Reading(path)
        #expect(reading.truncation == nil)
        #expect((40...100).contains(reading.frames.count))
    }

    /// Theora repeats a frame by an empty packet.
    @Test func `empty packets are no frames and no damage`() throws {
        let path = try folder.make(
            "a.ogv", source: "testsrc2=s=64x48:r=10:d=1,loop=loop=10:size=1:start=5",
            "-c:v libtheora -q:v 5")
        let reading = try Reading(path)
        #expect(reading.truncation == nil)
        #expect(try reading.frames.count == frameCount(path))
    }

    /// Source: GIF89a specification, section 24.
    @Test func `a GIF with a comment behind its last frame is whole, also in a pipe`() throws {
        try folder.make("a.gif", source: "testsrc2=s=64x48:r=10:d=1")
        let comment: [UInt8] = [0x21, 0xFE, 5] + Array("hello".utf8) + [0, 0x3B]
        let path = try folder.write(
            try folder.bytes("a.gif").dropLast() + comment, to: "comment.gif")
        #expect(try Reading(path).truncation == nil)
        #expect(try Reading(path).frames.count == 10)
        let piped = try folder.withPipe(path) { try Reading($0) }
        #expect(piped.truncation == nil)
        let cut = try folder.write(
            try folder.bytes("comment.gif").dropLast(4), to: "cut-comment.gif")
        #expect(try Reading(cut).truncation != nil)
    }

    @Test(arguments: [
        ("a.avi", "-c:v mpeg4"), ("a.mkv", "-c:v mpeg4"), ("a.ogv", "-c:v libtheora -q:v 5"),
        ("a.wmv", "-c:v wmv2"), ("a.flv", ""), ("a.y4m", ""), ("a.nut", ""),
    ])
    func `half a pipe is truncated, a whole one is not`(name: String, options: String) throws {
        let path = try folder.make(name, source: Self.source, options)
        #expect(try folder.withPipe(path) { try Reading($0) }.truncation == nil)
        let bytes = try folder.bytes(name)
        let half = try folder.write(bytes.prefix(bytes.count * 55 / 100), to: "half-" + name)
        #expect(try folder.withPipe(half) { try Reading($0) }.truncation != nil)
    }

    /// Written to a pipe, a header has no sizes.
    @Test(arguments: ["avi", "matroska", "flv", "asf"])
    func `a file whose header has no sizes is whole`(format: String) throws {
        let bytes = try FFmpeg.run(
            [
                "-f", "lavfi", "-i", Self.source, "-c:v", "mpeg4", "-f", format, "-",
            ].map { format == "flv" && $0 == "mpeg4" ? "flv" : $0 })
        let path = try folder.write(bytes, to: "a.\(format)")
        let reading = try Reading(path)
        #expect(reading.truncation == nil)
        #expect(reading.frames.count == 100)
        let half = try folder.write(bytes.prefix(bytes.count * 55 / 100), to: "half.\(format)")
        #expect(try Reading(half).truncation != nil)
    }

    @Test func `bytes behind the end of a container are not missed`() throws {
        for name in ["a.avi", "a.mkv", "a.mp4"] {
            try folder.make(name, source: Self.source, "-c:v mpeg4")
            let bytes = try folder.bytes(name)
            let path = try folder.write(
                bytes + [UInt8](repeating: 0, count: 5000), to: "padded-" + name)
            #expect(try Reading(path).truncation == nil)
        }
    }
}
