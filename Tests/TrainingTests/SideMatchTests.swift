import Foundation
import Frames
import Media
import Pipeline
import Testing
import TestSupport
import TextFormats
import Training

@Suite struct SideMatchTests {
    private func video(_ width: Int, _ height: Int, _ rate: Double?) -> MediaInfo {
        MediaInfo(
            kind: rate == nil ? .image : .video, width: width, height: height, frameRate: rate,
            durationSeconds: nil, formatName: "", codecName: "")
    }

    @Test func `both sides are matched to the lower median`() throws {
        let match = try #require(
            SideMatch(
                proxy: [video(1920, 1080, 24), video(640, 360, 30), video(300, 500, 60)],
                generated: [video(512, 321, 8), video(512, 321, 10)]))
        // Medians are 30 and 8 fps, and 360 and 321 pixels, rounded to even.
        #expect(match.frameRate == 8)
        #expect(match.shortSide == 320)
        #expect("\(match)" == "8 fps, short side at most 320 pixels, H.264 of CRF 20")
    }

    @Test func `images have no frame rate to match`() throws {
        let match = try #require(
            SideMatch(proxy: [video(64, 48, nil)], generated: [video(64, 48, 8)]))
        #expect(match.frameRate == nil)
        #expect(SideMatch(proxy: [], generated: [video(64, 48, 8)]) == nil)
    }

    @Test(arguments: [
        ("130x98", "64x48"), ("98x130", "48x64"), ("48x48", "48x48"), ("40x30", "40x30"),
        ("100x50", "96x48"),
    ])
    func `large frames are scaled down to the short side, small ones are unchanged`(
        size: String, expected: String
    ) throws {
        let media = try TestMedia()
        let path = try media.folder.make(
            "a.mp4", source: "testsrc2=s=\(size):r=24:d=2", "-pix_fmt yuv420p")
        let match = try #require(
            SideMatch(proxy: [video(64, 48, 8)], generated: [video(64, 48, 8)]))
        var options = MediaOptions()
        options.filtering = match.filtering
        let reader = try MediaReader(.path(path), options: options)
        #expect("\(reader.info.width)x\(reader.info.height)" == expected)
        #expect(reader.info.frameRate == 8)
        var count = 0
        while try reader.advance() != nil { count += 1 }
        #expect(count == 16)
    }

    @Test func `--match is recommended only for properties that it equalizes`() throws {
        func side(_ rate: Int, _ width: Int) throws -> SideStatistics {
            let row = try JSONValue(
                parsing: #"{"kind":"video","width":\#(width),"height":48,"frame_rate":\#(rate)}"#)
            return SideStatistics(Array(repeating: SampleOrigin(row: row), count: 5))
        }
        let plain = try side(8, 64)
        #expect(SideComparison(proxy: try side(24, 64), generated: plain).canBeMatched)
        let wide = SideComparison(proxy: try side(8, 90), generated: plain)
        #expect(wide.warnings.count == 1 && !wide.canBeMatched)
    }
}
