import Foundation
import Frames
import Testing
import TestSupport

@Suite struct ResamplingTests {
    /// A case of `fixtures/frames/resampling.json`, one per line.
    struct Golden: Decodable, Sendable, CustomTestStringConvertible {
        var filter: String
        var source: [Int]
        var seed: UInt32
        var target: [Int]
        var crc: UInt32
        var crop: [Int]
        var cropCRC: UInt32
        var pixels: [UInt8]?

        var testDescription: String { "\(filter) \(source) → \(target)" }

        func resampling(crop: Resampling.Crop? = nil) throws -> Resampling {
            let named = Resampling.Filter.allCases.first { "\($0)" == filter }
            return Resampling(
                try #require(named), from: .init(width: source[0], height: source[1]),
                to: .init(width: target[0], height: target[1]), crop: crop
            )
        }

        var frame: Frame { noiseFrame(width: source[0], height: source[1], seed: seed) }
    }

    static let golden = Result<[Golden], any Error> {
        try Fixture.decode("frames/resampling.json")
    }

    @Test(arguments: try golden.get())
    func `resampling is bit-exact with its reference`(golden: Golden) throws {
        let result = try golden.resampling().apply(golden.frame)
        #expect([result.width, result.height] == golden.target)
        if let pixels = golden.pixels { #expect(result.pixels == pixels) }
        #expect(crc32(result.pixels) == golden.crc)
    }

    @Test(arguments: try golden.get())
    func `a crop equals the same region of the full result`(golden: Golden) throws {
        let crop = Resampling.Crop(
            x: golden.crop[0], y: golden.crop[1], width: golden.crop[2], height: golden.crop[3]
        )
        let pixels = try golden.resampling(crop: crop).pixels(of: golden.frame)
        #expect(pixels.count == crop.width * crop.height * 3)
        #expect(crc32(pixels) == golden.cropCRC)
    }

    @Test(arguments: Resampling.Filter.allCases)
    func `a crop is computed without the full result`(filter: Resampling.Filter) throws {
        // The full result would take 430 GB.
        let resampling = Resampling(
            filter, from: .init(width: 40_000, height: 1),
            to: .init(width: 40_000 * 1900, height: 1900),
            crop: .init(x: 40_000 * 950 - 950, y: 0, width: 1900, height: 1900)
        )
        let pixels = try resampling.pixels(of: noiseFrame(width: 40_000, height: 1, seed: 4))
        #expect(pixels.count == 1900 * 1900 * 3)
    }

    @Test func `index, time stamp and duration of the frame are kept`() throws {
        let frame = Frame(
            width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 6], index: 7, ptsSeconds: 0.25,
            durationSeconds: 0.125
        )
        let resampling = Resampling(
            .openCVLinear, from: .init(width: 2, height: 1), to: .init(width: 1, height: 1)
        )
        let result = try resampling.apply(frame)
        #expect(
            result
                == Frame(
                    width: 1, height: 1, pixels: [3, 4, 5], index: 7, ptsSeconds: 0.25,
                    durationSeconds: 0.125
                ))
    }
}
