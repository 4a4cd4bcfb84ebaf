import Foundation
import Media
import Testing
import TestSupport

/// Inputs that are not what their names tell, and movies without readable frames.
@Suite struct OtherContentTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(
        arguments: [
            ("<!DOCTYPE html>\n<html><head><title>404</title></head></html>", OtherContent.webPage),
            ("\n  <html lang=en><body>Log in</body></html>", .webPage),
            ("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", .xml),
            ("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"8\"></svg>", .svg),
            ("{\"error\": \"rate limit\"}\n", .json),
            (
                "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n",
                .lfsPointer
            ),
            ("/annex/objects/MD5E-s12345--0123.mp4\n", .annexPointer),
            ("1\n00:00:01,000 --> 00:00:02,000\nHello\n\n", .subtitles),
            ("PK\u{3}\u{4}\u{14}\0\0\0", .zip),
            ("%PDF-1.7\n", .pdf),
            ("icns\0\0\0\u{10}TOC \0\0\0\u{8}", .icon),
            ("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n", .radiance),
            ("%!PS-Adobe-3.0 EPSF-3.0\n", .postScript),
            ("hi", .text),
            (String(repeating: "G a line of text\n", count: 400), .text),
            (String(repeating: "\0", count: 100_000), .zeros),
        ] as [(String, OtherContent)],
        ["a.mp4", "a.mkv", "a.avi", "a.ts", "a.png", "a.bin"])
    func `the content of a file with a wrong name is recognized`(
        content: (text: String, kind: OtherContent), name: String
    ) throws {
        let path = try folder.write(content.text, to: name)
        #expect(mediaError(path) == .other(input: path, content: content.kind))
    }

    @Test func `an archive is recognized`() throws {
        let run = try CommandRun(
            URL(fileURLWithPath: "/usr/bin/env"), ["tar", "-cf", "-", "-C", "/etc", "hostname"])
        let path = try folder.write(run.bytes, to: "a.mp4")
        #expect(mediaError(path) == .other(input: path, content: .tar))
    }

    @Test func `every content has a name and a remedy`() {
        for content in OtherContent.allCases {
            let text = MediaError.other(input: "a.mp4", content: content).description
            #expect(text.hasPrefix("'a.mp4' is ") && text.contains("; ") && !text.hasSuffix("."))
        }
    }

    private static let cenc =
        "-encryption_scheme cenc-aes-ctr -encryption_key 00112233445566778899aabbccddeeff"
        + " -encryption_kid 00112233445566778899aabbccddeeff"

    @Test(arguments: ["", "-movflags +frag_keyframe+empty_moov", "-movflags +faststart"])
    func `an encrypted movie is called encrypted`(options: String) throws {
        let path = try folder.make("a.mp4", "-g 5", Self.cenc, options)
        #expect(mediaError(path) == .encrypted(input: path))
        let bytes = try folder.bytes("a.mp4")
        // Without the boxes that describe each sample's encryption, players see only damage.
        var bare = bytes
        for type in ["senc", "saiz", "saio", "pssh"] {
            for start in bare.indices.dropLast(4)
            where bare[start..<start + 4].elementsEqual(type.utf8) {
                bare.replaceSubrange(start..<start + 4, with: "free".utf8)
            }
        }
        let barePath = try folder.write(bare, to: "bare.mp4")
        #expect(mediaError(barePath) == .encrypted(input: barePath))
    }

    @Test func `parts of a fragmented movie are named`() throws {
        try FFmpeg.run([
            "-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=2", "-c:v", "libx264", "-g", "10", "-f",
            "dash", "-seg_duration", "1", "-init_seg_name", "init.mp4", "-media_seg_name",
            "part-$Number$.m4s", folder.path("a.mpd"),
        ])
        let start = folder.path("init.mp4")
        #expect(mediaError(start) == .other(input: start, content: .initializationSegment))
        let part = folder.path("part-1.m4s")
        #expect(mediaError(part) == .other(input: part, content: .mediaSegment))
        let joined = try folder.write(
            try folder.bytes("init.mp4") + folder.bytes("part-1.m4s") + folder.bytes("part-2.m4s"),
            to: "joined.mp4")
        #expect(try Reading(joined).frames.count == 20)
        #expect(try Reading(joined).truncation == nil)
    }

    @Test func `subtitles alone are no audio file`() throws {
        let text = try folder.write("1\n00:00:01,000 --> 00:00:02,000\nHello\n\n", to: "a.srt")
        for name in ["a.mkv", "a.mp4"] {
            let path = folder.path(name)
            try FFmpeg.run(["-i", text, "-c:s", name == "a.mp4" ? "mov_text" : "srt", path])
            #expect(mediaError(path) == .other(input: path, content: .subtitles))
        }
    }

    /// FFmpeg 5.1 has no name for these codecs.
    @Test(arguments: [
        ("a.mp4", "-c:v libx264", "avc1", "vvc1", "VVC (vvc1)"),
        ("a.mp4", "-c:v libx264", "avc1", "qqq7", "qqq7"),
        ("a.avi", "-c:v mpeg4 -vtag XVID", "XVID", "QQQ7", "QQQ7"),
        ("a.mkv", "-c:v libx264", "V_MPEG4/ISO/AVC", "V_MPEG4/ISO/XYZ", "V_MPEG4/ISO/XYZ"),
    ])
    func `a codec without a name is told by its code`(
        name: String, options: String, code: String, other: String, codec: String
    ) throws {
        try folder.make(name, options)
        let bytes = Data(try folder.bytes(name)).replacing(Data(code.utf8), with: Data(other.utf8))
        let path = try folder.write(bytes, to: name)
        #expect(mediaError(path) == .unsupportedCodec(input: path, codec: codec))
    }
}
