import Foundation
import Frames
import Media
import Testing
import TestSupport

/// Still images in many formats, with values from Pillow (`fixtures/media/stills.py`).
@Suite struct StillImageTests {
    struct Expected: Decodable {
        let width: Int
        let height: Int
        /// Mean colors of 4×4 equal cells, row by row.
        let cells: [[Double]]
    }

    static let expected: [String: Expected] =
        (try? Fixture.decode("media/stills.json")) ?? [:]

    @Test(arguments: expected.keys.sorted())
    func `has the pixels and the orientation that Pillow gives`(name: String) throws {
        let expected = try #require(Self.expected[name])
        let reading = try Reading(Fixture.path("media/stills/" + name))
        #expect(reading.info.kind == .image)
        #expect(reading.truncation == nil)
        let frame = try #require(reading.frames.first)
        #expect(reading.frames.count == 1)
        #expect(frame.width == expected.width)
        #expect(frame.height == expected.height)
        #expect(reading.info.width == expected.width)
        #expect(reading.info.height == expected.height)
        let difference = zip(Self.cells(of: frame).joined(), expected.cells.joined())
            .map { abs($0 - $1) }.max()
        // Decoders of lossy formats and conversions to 8 bits round differently.
        #expect(difference ?? 255 <= 3)
    }

    /// The tests of files compare with Pillow. Formats without a signature need the name of the file.
    @Test(
        arguments: expected.keys.filter { !$0.hasSuffix(".tga") && !$0.hasSuffix(".pcx") }.sorted())
    func `a pipe and a file with the same bytes are the same image`(name: String) throws {
        let folder = try TemporaryFolder()
        let path = Fixture.path("media/stills/" + name)
        let reading = try Reading(path)
        // As in a file whose name says nothing, two images of the same size are a video.
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let nameless = try Reading(try folder.write(bytes, to: "image"))
        let piped = try folder.withPipe(path) { try Reading($0) }
        #expect(piped.info.kind == nameless.info.kind)
        #expect(piped.info.width == reading.info.width)
        #expect(piped.frames.first?.pixels == reading.frames.first?.pixels)
        #expect(piped.truncation == nil)
    }

    @Test(arguments: ["png", "bmp", "mjpeg", "ppm", "dpx", "jpeg2000"])
    func `images in a row in a pipe are a video`(codec: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            "a.bin", source: "testsrc2=s=64x48:r=10:d=0.6", "-c:v \(codec) -f image2pipe")
        let reading = try folder.withPipe(path) { try Reading($0) }
        #expect(reading.info.kind == .video)
        #expect(reading.frames.count == 6)
        expectSamePixels(
            reading.pixels,
            Array(
                try FFmpeg.run([
                    "-f", "image2pipe", "-c:v", codec, "-i", path, "-f", "rawvideo", "-pix_fmt",
                    "rgb24", "-",
                ])))
    }

    /// Widths whose rows end within a byte, and samples of all sizes.
    @Test(arguments: [
        ("pbm", "monob"), ("pgm", "gray"), ("pgm", "gray16be"), ("ppm", "rgb24"),
        ("ppm", "rgb48be"), ("pam", "rgba"), ("pam", "gray16be"), ("pam", "monob"),
        ("pfm", "gbrpf32le"), ("pfm", "grayf32be"),
    ])
    func `PNM of all kinds may be one image or several`(codec: String, format: String) throws {
        let folder = try TemporaryFolder()
        let options = "-c:v \(codec) -pix_fmt \(format) -f image2pipe"
        // FFmpeg's probing does not know PAM.
        for count in codec == "pam" ? [1] : [1, 2] {
            let path = try folder.make(
                "\(count)", source: "testsrc2=s=61x48:r=2:d=1", "-frames:v \(count) \(options)")
            for reading in [try Reading(path), try folder.withPipe(path) { try Reading($0) }] {
                #expect(reading.info.kind == (count == 1 ? .image : .video))
                #expect(reading.frames.count == count)
                #expect(reading.truncation == nil)
            }
        }
    }

    @Test func `a smaller image behind a JPEG is no second frame`() throws {
        let folder = try TemporaryFolder()
        let large = try folder.make("a.jpg", source: "testsrc2=s=64x48:d=1", "-frames:v 1")
        try folder.make("b.jpg", source: "testsrc2=s=32x24:d=1", "-frames:v 1")
        let path = try folder.write(try folder.bytes("a.jpg") + folder.bytes("b.jpg"), to: "c")
        #expect(try folder.withPipe(path) { try Reading($0) }.info.kind == .image)
        #expect(try Reading(path).pixels == Reading(large).pixels)
    }

    /// FFmpeg 5.1 finds the codestream in the first ten boxes only.
    @Test func `a JPEG 2000 may have many boxes and one of open length`() throws {
        let folder = try TemporaryFolder()
        let path = Fixture.path("media/stills/image.jp2")
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let header = try #require(bytes.firstRange(of: Array("jp2h".utf8))).lowerBound - 4
        let data = try #require(bytes.firstRange(of: Array("jp2c".utf8))).lowerBound - 4
        let box: [UInt8] = [0, 0, 0, 9] + Array("uuid".utf8) + [1]
        var changed = Array(bytes[..<header])
        for _ in 0..<12 { changed += box }
        changed += bytes[header..<data]
        changed += [0, 0, 0, 0] as [UInt8]
        changed += bytes[(data + 4)...]
        let reading = try Reading(try folder.write(changed, to: "a.jp2"))
        #expect(reading.truncation == nil)
        #expect(try reading.pixels == Reading(path).pixels)
        var cmyk = bytes
        let color = try #require(bytes.firstRange(of: Array("colr".utf8))).upperBound
        cmyk.replaceSubrange(color..<color + 7, with: [1, 0, 0, 0, 0, 0, 12])
        let other = try folder.write(cmyk, to: "b.jp2")
        #expect(
            mediaError(other)
                == .unsupportedVariant(input: other, format: "JPEG 2000", variant: "CMYK"))
    }

    @Test func `a compression that libtiff does not know is no black image`() throws {
        let folder = try TemporaryFolder()
        var bytes = Array(try Data(contentsOf: Fixture.url("media/stills/strips.tif")))
        // The entry of Compression, little-endian: its number, its type, one value.
        let entry = try #require(bytes.firstRange(of: [0x03, 0x01, 3, 0, 1, 0, 0, 0])).upperBound
        bytes.replaceSubrange(entry..<entry + 2, with: [0x5D, 0xC3])
        let path = try folder.write(bytes, to: "a.tif")
        #expect(
            mediaError(path)
                == .unsupportedVariant(input: path, format: "TIFF", variant: "compression 50013"))
    }

    @Test func `lossless JPEG in TIFF is no damage`() throws {
        let folder = try TemporaryFolder()
        try folder.make(
            "a.jpg", source: "testsrc2=s=64x48", "-frames:v 1 -c:v ljpeg -pix_fmt bgr24")
        let image = try folder.bytes("a.jpg")
        func bytes(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        // Width, height, bits, JPEG, RGB, strip, samples, rows of the strip, its length.
        let offset = 8 + 2 + 9 * 12 + 4
        let tags = [
            (256, 3, 1, 64), (257, 3, 1, 48), (258, 3, 3, offset), (259, 3, 1, 7), (262, 3, 1, 2),
            (273, 4, 1, offset + 6), (277, 3, 1, 3), (278, 3, 1, 48), (279, 4, 1, image.count),
        ]
        var file: [UInt8] = Array("II".utf8) + [42, 0, 8, 0, 0, 0, 9, 0]
        for (number, type, count, value) in tags {
            file += bytes(number, 2) + bytes(type, 2) + bytes(count, 4) + bytes(value, 4)
        }
        file += [0, 0, 0, 0] + [8, 0, 8, 0, 8, 0] + image
        let path = try folder.write(file, to: "a.tif")
        #expect(
            mediaError(path)
                == .unsupportedVariant(input: path, format: "TIFF", variant: "lossless JPEG"))
    }

    @Test func `a tag of an unknown type is no damage`() throws {
        let folder = try TemporaryFolder()
        let path = Fixture.path("media/stills/strips.tif")
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        // The entry of XResolution, little-endian: its number and its type.
        let entry = try #require(bytes.firstRange(of: [0x1A, 0x01, 5, 0])).lowerBound
        bytes.replaceSubrange(entry..<entry + 4, with: [0x30, 0x75, 0x30, 0x75])
        let reading = try Reading(try folder.write(bytes, to: "a.tif"))
        #expect(reading.truncation == nil)
        #expect(try reading.pixels == Reading(path).pixels)
    }

    @Test func `the brand of a HEIF may be that of any codec`() throws {
        let folder = try TemporaryFolder()
        let path = Fixture.path("media/stills/image.heic")
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes.replaceSubrange(8..<12, with: Array("jpeg".utf8))
        #expect(try Reading(try folder.write(bytes, to: "a.heif")).pixels == Reading(path).pixels)
    }

    @Test func `there are files of all formats`() {
        let extensions = Set(
            Self.expected.keys.map { $0.split(separator: ".").last.map(String.init) })
        #expect(
            extensions.isSuperset(of: [
                "jpg", "png", "webp", "tif", "avif", "heic", "ppm", "tga", "bmp",
            ]))
    }

    @Test(arguments: [
        ("float.tif", "TIFF", "32-bit samples"), ("signed.tif", "TIFF", "signed samples"),
        ("cmyk-16.tif", "TIFF", "this color model and number of bits"),
        ("gray-alpha.tga", "TGA", "gray and alpha"),
        ("overlay.avif", "HEIF", "an overlay of images"),
        ("essential.avif", "HEIF", "an image with the property 'wxyz'"),
    ])
    func `a variant that is not read is named`(name: String, format: String, variant: String) {
        let path = Fixture.path("media/stills/" + name)
        #expect(
            mediaError(path)
                == .unsupportedVariant(input: path, format: format, variant: variant))
    }

    @Test(arguments: [
        "progressive.jpg", "transparent.png", "lossy.webp", "strips.tif", "tiles.tif", "jpeg.tif",
        "image.avif", "grid.avif", "image.heic",
    ])
    func `half a file is truncated`(name: String) throws {
        let folder = try TemporaryFolder()
        let bytes = try Data(contentsOf: Fixture.url("media/stills/" + name))
        let path = try folder.write(bytes.prefix(bytes.count / 2), to: name)
        if let error = mediaError(path) {
            guard case .damaged(path, 0, let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.contains("missing") || reason.contains("are there"))
        } else {
            #expect(try Reading(path).truncation != nil)
        }
    }

    @Test func `an AVIF is whole if a box behind its data is not`() throws {
        let folder = try TemporaryFolder()
        let path = Fixture.path("media/stills/image.avif")
        let garbage: [UInt8] = [0x7F, 0xFF, 0xFF, 0xFF] + Array("abcd".utf8)
        let reading = try Reading(
            try folder.write(
                try Data(contentsOf: URL(fileURLWithPath: path)) + garbage, to: "a.avif"))
        #expect(reading.truncation == nil)
        #expect(try reading.pixels == Reading(path).pixels)
    }

    @Test func `images in one file are a video unless its name is that of a still image`() throws {
        let folder = try TemporaryFolder()
        let image = try Data(contentsOf: Fixture.url("media/stills/gray.jpg"))
        for (name, kind) in [("a.jpg", MediaKind.image), ("a.bin", .video), ("a.mjpeg", .video)] {
            let reading = try Reading(try folder.write(image + image, to: name))
            #expect(reading.info.kind == kind, "\(name)")
            #expect(reading.frames.count == (kind == .image ? 1 : 2), "\(name)")
        }
        let gainMap = try Data(contentsOf: Fixture.url("media/stills/two-images.jpg"))
        let reading = try Reading(try folder.write(gainMap, to: "photo"))
        #expect(reading.info.kind == .image)
    }

    @Test func `a bitmap whose last row lacks its padding is whole`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            "a.bmp", source: "testsrc2=s=30x20:d=1", "-frames:v 1 -pix_fmt pal8")
        let bytes = try folder.bytes("a.bmp")
        // Two bytes of padding, then pixels; the pixels are said to begin at the palette.
        for (missing, truncation) in [(0, nil), (2, nil), (3, "its end is missing")]
            as [(Int, String?)]
        {
            var damaged = Array(bytes.dropLast(missing))
            damaged.replaceSubrange(10..<14, with: [54, 0, 0, 0])
            let reading = try Reading(try folder.write(damaged, to: "b.bmp"))
            #expect(reading.truncation == truncation)
            if missing < 3 { #expect(try reading.pixels == Reading(path).pixels) }
        }
    }

    @Test(arguments: [[0xE0, 0, 2], [0xEE, 0, 3, 65], [0xE8, 0, 4, 1, 2]] as [[UInt8]])
    func `an application segment without its content is ignored`(segment: [UInt8]) throws {
        let folder = try TemporaryFolder()
        let path = Fixture.path("media/stills/gray.jpg")
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes.insert(contentsOf: [0xFF] + segment, at: 2)
        let reading = try Reading(try folder.write(bytes, to: "a.jpg"))
        #expect(reading.truncation == nil)
        #expect(try reading.pixels == Reading(path).pixels)
    }

    @Test func `a progressive JPEG without some of its scans is truncated`() throws {
        let folder = try TemporaryFolder()
        let bytes = Array(try Data(contentsOf: Fixture.url("media/stills/progressive.jpg")))
        let scans = bytes.indices.dropLast().filter { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA }
        try #require(scans.count > 2)
        let path = try folder.write(bytes[..<scans[2]] + [0xFF, 0xD9], to: "a.jpg")
        #expect(try Reading(path).truncation != nil)
    }

    @Test func `RGB components of different sizes are named`() throws {
        let folder = try TemporaryFolder()
        var bytes = Array(try Data(contentsOf: Fixture.url("media/stills/rgb.jpg")))
        let frame = try #require(
            bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
        #expect(bytes[frame + 11] == 0x11)
        bytes[frame + 11] = 0x22
        let path = try folder.write(bytes, to: "a.jpg")
        #expect(
            mediaError(path)
                == .unsupportedVariant(
                    input: path, format: "JPEG", variant: "RGB components of different sizes"))
    }

    @Test(arguments: [("BC5U", "\0\0\0\0"), ("BC5U", "A2XY"), ("ATI2", "A2XY")])
    func `a texture of two channels has the same pixels under each of its names`(
        name: String, order: String
    ) throws {
        let folder = try TemporaryFolder()
        var bytes = Array(try Data(contentsOf: Fixture.url("media/stills/bc5.dds")))
        let expected = try Reading(Fixture.path("media/stills/bc5.dds"))
        // From a DXGI header to a name of four characters.
        bytes.replaceSubrange(84..<92, with: Array((name + order).utf8))
        bytes.removeSubrange(128..<148)
        let reading = try Reading(try folder.write(bytes, to: "a.dds"))
        expectSamePixels(reading.pixels, expected.pixels)
        // The ramp of the fixtures: red grows to the right, green downwards.
        #expect(expected.frames.map(\.width) == [48])
        let middle = (16 * 48 + 24) * 3
        #expect(abs(Int(expected.pixels[middle]) - 127) <= 4)
        #expect(abs(Int(expected.pixels[middle + 1]) - 128) <= 4)
    }

    @Test func `damage inside a PNG is reported`() throws {
        let folder = try TemporaryFolder()
        var bytes = Array(try Data(contentsOf: Fixture.url("media/stills/transparent.png")))
        bytes[bytes.count / 2] ^= 1
        let path = try folder.write(bytes, to: "a.png")
        if mediaError(path) == nil {
            #expect(try Reading(path).truncation != nil)
        }
    }

    /// No file contents may trap or hang.
    @Test(arguments: [
        "two-images.jpg", "thumbnail.jpg", "palette.png", "orientation-6-prefix.webp",
        "tiles-deflate.tif", "jpeg.tif", "planes.tif", "big.tif", "raw.tga", "plain.ppm",
        "grid-extents.avif", "grid-mirrored.avif", "image.heic",
    ])
    func `random byte changes never trap`(name: String) throws {
        let folder = try TemporaryFolder()
        let bytes = Array(try Data(contentsOf: Fixture.url("media/stills/" + name)))
        var random = SplitMix(state: 13)
        for round in 0..<60 {
            var damaged = bytes
            for _ in 0..<(1 + round % 8) {
                // Most changes near the start, where the structure is.
                let end = round.isMultiple(of: 3) ? bytes.count : min(bytes.count, 600)
                damaged[Int.random(in: 0..<end, using: &random)] = .random(
                    in: 0...255, using: &random)
            }
            let path = try folder.write(damaged, to: name)
            if let error = mediaError(path, options: MediaOptions(pixelLimit: 1 << 22)) {
                #expect(!error.description.contains("\n"))
            }
        }
    }

    private static func cells(of frame: Frame) -> [[Double]] {
        (0..<16).map { cell in
            let rows = (cell / 4 * frame.height / 4)..<((cell / 4 + 1) * frame.height / 4)
            let columns = (cell % 4 * frame.width / 4)..<((cell % 4 + 1) * frame.width / 4)
            var sums = [0.0, 0, 0]
            for row in rows {
                for column in columns {
                    for channel in 0..<3 {
                        sums[channel] += Double(
                            frame.pixels[(row * frame.width + column) * 3 + channel])
                    }
                }
            }
            return sums.map { $0 / Double(rows.count * columns.count) }
        }
    }
}
