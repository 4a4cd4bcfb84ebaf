import Foundation
import Frames
import Media
import Testing
import TestSupport

@Suite struct MediaCopyTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `a lossless copy of a region has the same pixels, times and frame rate`() throws {
        let path = try folder.make("grid.mp4", source: "testsrc2=s=200x52:r=10:d=1.6")
        let region = path + "#xywh=68,2,64,48"
        let copy = folder.path("cell.mp4")
        try MediaCopy().write(.path(region), to: copy)
        let (cell, whole) = (try Reading(copy), try Reading(region))
        #expect(cell.pixels == whole.pixels)
        #expect(cell.times.map(\.ptsSeconds) == whole.times.map(\.ptsSeconds))
        #expect(cell.info.frameRate == 10)
        #expect(cell.info.durationSeconds == 1.6)
        // Compared with an independent decoder.
        #expect(cell.pixels == (try FFmpeg.rgb(of: copy)))
    }

    @Test func `a higher CRF gives a smaller file, and copies are deterministic`() throws {
        let path = try folder.make("clip.mp4", source: "testsrc2=s=200x52:r=10:d=1.6,noise=alls=20")
        func copy(crf: Int, _ name: String) throws -> [UInt8] {
            try MediaCopy(crf: crf).write(.path(path), to: folder.path(name))
            return try folder.bytes(name)
        }
        let fine = try copy(crf: 10, "a.mp4")
        #expect(try copy(crf: 30, "b.mp4").count < fine.count)
        #expect(try copy(crf: 10, "c.mp4") == fine)
    }

    @Test func `a region of an image is a PNG with the same pixels, also for odd sizes`() throws {
        let path = try folder.make("grid.png", "-frames:v 1")
        let region = InputSource.path(path + "#xywh=3,5,31,17")
        #expect(try MediaCopy().fileExtension(for: region) == "png")
        try MediaCopy().write(region, to: folder.path("cell.png"))
        #expect(try Reading(folder.path("cell.png")).pixels == (try Reading(region)).pixels)
    }

    @Test func `a failed copy leaves no file`() throws {
        let path = try folder.make("clip.mp4", "-frames:v 4")
        #expect(throws: MediaError.self) {
            try MediaCopy().write(.path(path), to: folder.path("missing/clip.mp4"))
        }
        let truncated = try folder.write(
            folder.bytes("clip.mp4").dropLast(1500), to: "truncated.mp4")
        #expect(throws: MediaError.self) {
            try MediaCopy().write(.path(truncated), to: folder.path("copy.mp4"))
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.sorted() == ["clip.mp4", "truncated.mp4"])
    }
}
