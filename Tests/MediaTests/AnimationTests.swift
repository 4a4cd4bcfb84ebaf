import Foundation
import Frames
import Media
import Testing
import TestSupport

/// Animations that `ffmpeg` cannot write (`fixtures/media/animations.py`).
@Suite struct AnimationTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func `the pictures of an AVIF sequence are read, not its alpha channel`() throws {
        let expected: [String: [[Double]]] = try Fixture.decode("media/animations.json")
        let path = Fixture.path("media/animations/alpha.avif")
        let colors = try #require(expected["alpha.avif"])
        let reading = try Reading(path)
        #expect(reading.info.kind == .video)
        #expect(reading.truncation == nil)
        #expect(reading.frames.count == colors.count)
        for (frame, color) in zip(reading.frames, colors) {
            #expect(zip(frame.pixels, color).allSatisfy { abs(Double($0) - $1) <= 3 })
        }
        let piped = try folder.withPipe(path) { try Reading($0) }
        #expect(piped.pixels == reading.pixels)
    }

    @Test(arguments: ["transparent.webp", "opaque.webp", "lossy.webp", "mixed.webp"])
    func `frames of an animated WebP are composed`(name: String) throws {
        let expected: [String: [[Double]]] = try Fixture.decode("media/animations.json")
        let colors = try #require(expected[name])
        let path = Fixture.path("media/animations/" + name)
        let reading = try Reading(path)
        #expect(reading.info.kind == .video)
        #expect(reading.truncation == nil)
        #expect(reading.times.map(\.ptsSeconds) == [0, 0.1, 0.14, 0.18, 0.48])
        #expect(reading.info.durationSeconds == 0.58)
        #expect(reading.frames.count == colors.count)
        for (frame, color) in zip(reading.frames, colors) {
            // Means of four parts, from left to right.
            let means = (0..<4).flatMap { part in
                (0..<3).map { channel in
                    let values = (0..<32).flatMap { row in
                        (0..<12).map { column in
                            Double(frame.pixels[3 * (row * 48 + 12 * part + column) + channel])
                        }
                    }
                    return values.reduce(0, +) / 384
                }
            }
            // Decoders upsample the chroma of lossy frames differently.
            #expect(zip(means, color).allSatisfy { abs($0 - $1) <= (name == "lossy.webp" ? 8 : 3) })
        }
        let piped = try folder.withPipe(path) { try Reading($0) }
        #expect(piped.pixels == reading.pixels)
    }

    @Test func `an animated WebP without its last frames is truncated`() throws {
        let bytes = Array(
            try Data(contentsOf: Fixture.url("media/animations/opaque.webp")))
        let path = try folder.write(bytes.dropLast(40), to: "a.webp")
        let reading = try Reading(path)
        #expect(reading.frames.count == 4)
        #expect(reading.truncation == "\(bytes.count - 40) of \(bytes.count) bytes are there")
        let start = try folder.write(bytes.prefix(60), to: "b.webp")
        guard case .damaged(start, 0, _) = mediaError(start) else {
            Issue.record("no frame is there")
            return
        }
    }

    @Test(arguments: ["codestream.jxl", "container.jxl"])
    func `an animated JPEG XL is refused if FFmpeg reads its first frame only`(
        name: String
    ) throws {
        let path = Fixture.path("media/animations/" + name)
        let error = mediaError(path)
        #expect(error == nil || error == .unsupportedAnimation(input: path, format: "JPEG XL"))
        if error == nil { #expect(try Reading(path).frames.count == 2) }
        try folder.withPipe(path) { pipe in
            let error = mediaError(pipe)
            #expect(error == nil || error == .unsupportedAnimation(input: pipe, format: "JPEG XL"))
        }
    }

    /// FFmpeg 5.1 shows them in green, unless the transfer function is that of sRGB.
    @Test func `AV1 with the identity matrix has the colors of its source`() throws {
        let source = try folder.make(
            "a.mp4", source: "color=c=0xC82814:s=64x48:r=5:d=0.4",
            "-pix_fmt gbrp -c:v libaom-av1 -cpu-used 8 -crf 5")
        let path = folder.path("b.mp4")
        try FFmpeg.run([
            "-i", source, "-c", "copy", "-bsf:v",
            "av1_metadata=color_primaries=9:transfer_characteristics=16:matrix_coefficients=0",
            path,
        ])
        let pixels = try Reading(path).pixels
        for (channel, value) in [200, 40, 20].enumerated() {
            let values = stride(from: channel, to: pixels.count, by: 3).map { Int(pixels[$0]) }
            #expect(values.allSatisfy { abs($0 - value) <= 3 })
        }
    }

    @Test func `a GIF ends with its trailer, whatever follows`() throws {
        let path = try folder.make("a.gif")
        let bytes = try folder.bytes("a.gif")
        let followed = try folder.write(
            bytes + (0..<3000).map { UInt8(truncatingIfNeeded: 7 + 31 * $0) }, to: "b.gif")
        let reading = try Reading(followed)
        #expect(reading.truncation == nil)
        #expect(reading.frames.count == 10)
        #expect(try reading.pixels == Reading(path).pixels)
    }

    /// FFmpeg 5.1 decodes only the first frame.
    @Test func `an animated PNG of 16 bits is refused if FFmpeg does not compose it`() throws {
        let path = try folder.make("a.apng", "-pix_fmt rgba64be -plays 0")
        let error = mediaError(path)
        if let error {
            guard case .undecodable(path, _) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(error.description.contains("does not decode"))
        } else {
            #expect(try Reading(path).frames.count == 10)
        }
    }
}
