import Foundation
import Frames
import Media
import Testing
import TestSupport

/// Untrusted inputs: each gives its frames or an error, and no other file is opened.
@Suite struct HostileInputTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func `reports missing, empty and unsuitable paths`() throws {
        let missing = folder.path("missing.mp4")
        #expect(mediaError(missing) == .notFound(input: missing))
        #expect(mediaError(folder.path) == .folder(input: folder.path))
        let pattern = folder.path("%05d.png")
        #expect(mediaError(pattern) == .nothingMatches(input: pattern))
        let empty = try folder.write([], to: "empty.mp4")
        #expect(mediaError(empty) == .empty(input: empty))
    }

    @Test func `refuses files that are neither video nor image`() throws {
        let text = try folder.write(
            String(repeating: "a line of text\n", count: 400), to: "notes.txt")
        #expect(mediaError(text)?.isNotMedia == true)
        let subtitles = try folder.write(
            "1\n00:00:01,000 --> 00:00:02,000\nHello\n\n", to: "a.mp4")
        #expect(mediaError(subtitles)?.isNotMedia == true)
        let art = try folder.write("\u{1B}[31mred\u{1B}[0m", to: "a.ans")
        #expect(mediaError(art)?.isNotMedia == true)
        let short = try folder.write("hi", to: "short.mp4")
        #expect(mediaError(short)?.isNotMedia == true)
        let zeros = try folder.write([UInt8](repeating: 0, count: 100_000), to: "zeros.mp4")
        #expect(mediaError(zeros) != nil)
        var generator = SystemRandomNumberGenerator()
        for i in 0..<20 {
            let noise = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(mediaError(try folder.write(noise, to: "noise\(i).bin")) != nil)
        }
    }

    /// Detection of damage must not depend on thread timing.
    @Test func `damage is detected independently of the number of threads`() throws {
        let whole = try folder.make(
            "a.mp4", source: "testsrc2=s=192x128:r=10:d=3", "-c:v libx264 -g 8 -bf 2")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
        var random = SplitMix(state: 11)
        for i in 0..<30 {
            var damaged = bytes
            for _ in 0..<3 {
                damaged[Int.random(in: 4000..<damaged.count, using: &random)] ^=
                    1 << UInt8.random(in: 0..<8, using: &random)
            }
            let path = try folder.write(damaged, to: "flip\(i).mp4")
            let single = try? Reading(path, options: MediaOptions(threadCount: 1))
            for _ in 0..<3 {
                let threaded = try? Reading(path, options: MediaOptions(threadCount: 4))
                #expect(single?.truncation == threaded?.truncation)
                #expect(single?.frames == threaded?.frames)
            }
        }
    }

    @Test func `recognises audio files`() throws {
        let tone = ["-f", "lavfi", "-i", "sine=d=1"]
        for name in ["a.wav", "a.flac", "a.m4a", "a.ogg", "a.mp3"] {
            let path = folder.path(name)
            try FFmpeg.run(tone + [path])
            #expect(mediaError(path) == .noVideoStream(input: path))
        }
        let cover = try folder.make("cover.jpg", "-frames:v 1")
        let song = folder.path("song.m4a")
        try FFmpeg.run(
            tone + [
                "-i", cover, "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v",
                "attached_pic", song,
            ])
        #expect(mediaError(song) == .onlyCoverArt(input: song))
    }

    @Test(arguments: [
        ("a.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nclip.mp4\n#EXT-X-ENDLIST\n"),
        (
            "disguised.mp4",
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nclip.mp4\n#EXT-X-ENDLIST\n"
        ),
        ("list.txt", "ffconcat version 1.0\nfile clip.mp4\n"),
        (
            "a.sdp",
            "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n"
        ),
    ])
    func `refuses nested inputs unless allowed`(name: String, text: String) throws {
        _ = try folder.make("clip.ts")
        try FileManager.default.moveItem(
            atPath: folder.path("clip.ts"), toPath: folder.path("clip.mp4"))
        let path = try folder.write(text, to: name)
        guard case .nestedInput(path, _) = mediaError(path) else {
            Issue.record("\(String(describing: mediaError(path)))")
            return
        }
        if name == "list.txt" {
            let reading = try Reading(path, options: MediaOptions(allowsNestedInputs: true))
            #expect(reading.frames.count == 10)
        }
        #expect(
            mediaError(path, options: MediaOptions(format: "hls"))
                == .nestedInput(input: path, format: "hls"))
    }

    @Test func `refuses addresses other than http`() {
        #expect(
            mediaError("ftp://127.0.0.1/a.mp4")
                == .schemeRefused(input: "ftp://127.0.0.1/a.mp4", scheme: "ftp"))
        #expect(mediaError("concat:a|b") == .notFound(input: "concat:a|b"))
        guard case .unreadable = mediaError("http://127.0.0.1:1/a.mp4") else {
            Issue.record("nobody listens on port 1")
            return
        }
    }

    @Test func `recognises an encrypted movie`() throws {
        let path = try folder.make(
            "a.mp4",
            "-encryption_scheme cenc-aes-ctr -encryption_key 00112233445566778899aabbccddeeff"
                + " -encryption_kid 00112233445566778899aabbccddeeff")
        #expect(mediaError(path) == .encrypted(input: path))
    }

    /// An element of EBML: its ID, its length in 8 bytes, its content (RFC 8794).
    private func element(_ id: UInt32, _ content: [UInt8]) -> [UInt8] {
        let name = (0..<4).map { UInt8(truncatingIfNeeded: id >> (24 - 8 * $0)) }.drop { $0 == 0 }
        let length = (0..<8).map { UInt8(truncatingIfNeeded: content.count >> (56 - 8 * $0)) }
        return name + [length[0] | 1] + length.dropFirst() + content
    }

    @Test func `recognises an encrypted WebM`() throws {
        // ContentEncryption: AES, a key ID, and AESSettings with counter mode (RFC 9559, 5.1.4.1.31).
        let encryption =
            element(0x47E1, [5]) + element(0x47E2, Array(1...16))
            + element(0x47E7, element(0x47E8, [1]))
        let encoding =
            element(0x5031, [0]) + element(0x5032, [1]) + element(0x5033, [1])
            + element(0x5035, encryption)
        let track =
            element(0xD7, [1]) + element(0x73C5, [1]) + element(0x83, [1])
            + element(0x86, Array("V_VP8".utf8))
            + element(0xE0, element(0xB0, [64]) + element(0xBA, [48]))
            + element(0x6D80, element(0x6240, encoding))
        // A block of track 1 at time 0: a signal byte, an initialization vector, and noise.
        let block: [UInt8] = [0x81, 0, 0, 0x80, 1] + noise(width: 16, height: 4, seed: 4)
        let file =
            element(
                0x1A45_DFA3,
                element(0x4282, Array("webm".utf8)) + element(0x4287, [2]) + element(0x4285, [2]))
            + element(
                0x1853_8067,
                element(0x1549_A966, element(0x2AD7B1, [0x0F, 0x42, 0x40]))
                    + element(0x1654_AE6B, element(0xAE, track))
                    + element(0x1F43_B675, element(0xE7, [0]) + element(0xA3, block)))
        let path = try folder.write(file, to: "a.webm")
        #expect(mediaError(path) == .encrypted(input: path))
    }

    @Test func `names what a header says that is not read`() throws {
        let header: [UInt8] = Array("8BPS".utf8) + [0, 2]
        let path = try folder.write(header + [UInt8](repeating: 0, count: 40), to: "a.psb")
        #expect(
            mediaError(path)
                == .unsupportedVariant(input: path, format: "PSD", variant: "large documents (PSB)")
        )
    }

    /// The limit is checked before memory is allocated.
    @Test(arguments: ["a.png", "a.jpg", "a.mp4", "a.webp", "a.gif"])
    func `refuses frames above the pixel limit`(name: String) throws {
        let path = try folder.make(
            name, source: "testsrc2=s=320x240:r=10:d=1", "-frames:v 1")
        let limit = 320 * 240
        #expect(
            mediaError(path, options: MediaOptions(pixelLimit: limit - 1))
                == .tooManyPixels(input: path, width: 320, height: 240, limit: limit - 1))
        #expect(mediaError(path, options: MediaOptions(pixelLimit: limit)) == nil)
    }

    @Test func `a 16k image is read, a larger one is refused`() async throws {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let large = try folder.make(
                "16k.png", source: "color=red:s=15360x8640:d=1", "-frames:v 1")
            let reader = try MediaReader(.path(large))
            #expect(reader.info.width == 15360)
            let larger = try folder.make(
                "larger.png", source: "color=red:s=16000x9000:d=1", "-frames:v 1")
            #expect(
                mediaError(larger)
                    == .tooManyPixels(input: larger, width: 16000, height: 9000, limit: 1 << 27))
        }
    }

    @Test func `refuses inputs above the duration limit`() throws {
        let path = try folder.make("a.mp4", source: "testsrc2=s=64x64:r=10:d=3")
        #expect(
            mediaError(path, options: MediaOptions(durationLimit: 2))
                == .tooLong(input: path, seconds: 3, limit: 2))
        #expect(mediaError(path, options: MediaOptions(durationLimit: 3)) == nil)
        // A stream of unknown duration is stopped while reading.
        let stream = try folder.make("a.264", source: "testsrc2=s=64x64:r=10:d=3")
        guard case .tooLong = mediaError(stream, options: MediaOptions(durationLimit: 2)) else {
            Issue.record("it lasts 3 s")
            return
        }
    }

    @Test(arguments: ["a.mp4", "a.mkv", "a.avi", "a.ts", "a.nut", "a.gif", "a.y4m", "a.webm"])
    func `a truncated video gives the frames it has`(name: String) throws {
        let faststart = name == "a.mp4" ? "-movflags +faststart" : ""
        let path = try folder.make(name, source: "testsrc2=s=320x240:r=10:d=4", faststart)
        let whole = try Reading(path)
        let bytes = try folder.bytes(name)
        let truncated = try folder.write(
            bytes.prefix(bytes.count * 6 / 10), to: "truncated-" + name)
        let reading = try Reading(truncated)
        #expect(whole.truncation == nil)
        #expect((10..<36).contains(reading.frames.count))
        if name != "a.ts" { #expect(reading.truncation != nil) }
        expectSamePixels(
            reading.frames.prefix(5).flatMap(\.pixels), whole.frames.prefix(5).flatMap(\.pixels))
    }

    @Test func `an MP4 file without its index is refused`() throws {
        let path = try folder.make("a.mp4", source: "testsrc2=s=320x240:r=10:d=4")
        let bytes = try folder.bytes("a.mp4")
        let truncated = try folder.write(bytes.prefix(bytes.count * 6 / 10), to: "truncated.mp4")
        #expect(mediaError(truncated) == .indexMissing(input: truncated))
        #expect(mediaError(path) == nil)
    }

    @Test(arguments: ["a.png", "a.jpg"])
    func `a truncated image is reported as truncated or refused`(name: String) throws {
        _ = try folder.make(name, source: "testsrc2=s=320x240", "-frames:v 1")
        let bytes = try folder.bytes(name)
        let truncated = try folder.write(bytes.prefix(bytes.count / 2), to: "truncated-" + name)
        if let error = mediaError(truncated) {
            guard case .damaged(truncated, 0, _) = error else {
                Issue.record("\(error)")
                return
            }
        } else {
            #expect(try Reading(truncated).truncation != nil)
        }
        let header = try folder.write(bytes.prefix(60), to: "stump-" + name)
        #expect(mediaError(header) != nil)
    }

    /// No file contents may trap or hang.
    @Test(arguments: ["a.mp4", "a.mkv", "a.gif", "a.png", "a.jpg", "a.ts", "a.avi", "a.webm"])
    func `random byte changes never trap`(name: String) throws {
        let isStill = name == "a.png" || name == "a.jpg"
        _ = try folder.make(
            name, source: "testsrc2=s=64x48:r=10:d=1", isStill ? "-frames:v 1" : "")
        let bytes = try folder.bytes(name)
        var generator = SplitMix(state: 7)
        for round in 0..<40 {
            var damaged = bytes
            for _ in 0..<(1 + round % 8) {
                damaged[Int.random(in: 0..<bytes.count, using: &generator)] =
                    UInt8.random(in: 0...255, using: &generator)
            }
            let path = try folder.write(damaged, to: "damaged-" + name)
            if let error = mediaError(path, options: MediaOptions(pixelLimit: 1 << 22)) {
                #expect(!error.description.contains("\n"))
            }
        }
    }
}

extension MediaError {
    var isNotMedia: Bool {
        switch self {
        case .notMedia, .other: true
        default: false
        }
    }
}
