import Foundation
import Frames
import Media
import TestSupport
import Testing

@Suite struct MediaCopyTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `a lossless copy of a region has its pixels, times and rate`() throws {
        let path = try folder.make("grid.mp4", source: "testsrc2=s=200x52:r=10:d=1.6")
        let region = path + "#xywh=68,2,64,48"
        let copy = folder.path("cell.mp4")
        try MediaCopy().write(.path(region), to: copy)
        let (cell, whole) = (try Reading(copy), try Reading(region))
        #expect(cell.pixels == whole.pixels)
        #expect(cell.times.map(\.ptsSeconds) == whole.times.map(\.ptsSeconds))
        #expect(cell.info.frameRate == 10)
        #expect(cell.info.durationSeconds == 1.6)
        // Independent of our own decoder.
        #expect(cell.pixels == (try FFmpeg.rgb(of: copy)))
    }

    @Test func `a coarser copy is smaller, and the same bytes again`() throws {
        let path = try folder.make("clip.mp4", source: "testsrc2=s=200x52:r=10:d=1.6,noise=alls=20")
        func size(crf: Int, _ name: String) throws -> [UInt8] {
            try MediaCopy(crf: crf).write(.path(path), to: folder.path(name))
            return try folder.bytes(name)
        }
        let fine = try size(crf: 10, "a.mp4")
        #expect(try size(crf: 30, "b.mp4").count < fine.count)
        #expect(try size(crf: 10, "c.mp4") == fine)
    }

    @Test func `a picture's region is a PNG of its pixels, odd sides too`() throws {
        let path = try folder.make("grid.png", "-frames:v 1")
        let region = InputSource.path(path + "#xywh=3,5,31,17")
        #expect(try MediaCopy().fileExtension(for: region) == "png")
        try MediaCopy().write(region, to: folder.path("cell.png"))
        #expect(try Reading(folder.path("cell.png")).pixels == (try Reading(region)).pixels)
    }

    @Test func `what cannot be written leaves nothing behind`() throws {
        let path = try folder.make("clip.mp4", "-frames:v 4")
        #expect(throws: MediaError.self) {
            try MediaCopy().write(.path(path), to: folder.path("missing/clip.mp4"))
        }
        let cut = try folder.write(folder.bytes("clip.mp4").dropLast(1500), to: "cut.mp4")
        #expect(throws: MediaError.self) {
            try MediaCopy().write(.path(cut), to: folder.path("copy.mp4"))
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.sorted() == ["clip.mp4", "cut.mp4"])
    }
}
