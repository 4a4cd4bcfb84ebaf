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
        /// Missing if the last bits are not promised.
        var crc: UInt32?
        var crop: [Int]
        var cropCRC: UInt32?
        var pixels: [UInt8]?
        /// Every `step`th value of a float result, on the scale 0…255.
        var values: [Float]?
        var step: Int?

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

    /// 1e-6 of the range 0…255.
    static let tolerance: Float = 255e-6

    @Test(arguments: try golden.get())
    func `resampling has the bits of its reference, or its values`(golden: Golden) throws {
        let resampling = try golden.resampling()
        let pixels = try resampling.pixels(of: golden.frame)
        let count = golden.target[0] * golden.target[1] * 3
        #expect(pixels.count == count * resampling.filter.bytesPerValue)
        if let expected = golden.pixels { #expect(pixels == expected) }
        if let crc = golden.crc { #expect(crc32(pixels) == crc) }
        #expect(golden.crc != nil || golden.values != nil)
        guard let values = golden.values, let step = golden.step else { return }
        #expect(resampling.filter.hasFloatResult)
        let found = floats(pixels)
        let samples = stride(from: 0, to: found.count, by: step).map { found[$0] }
        #expect(samples.count == values.count)
        for (ours, theirs) in zip(samples, values) {
            #expect(abs(ours - theirs) <= Self.tolerance, "\(ours) is not \(theirs)")
        }
    }

    @Test(arguments: try golden.get())
    func `a crop equals the same region of the full result`(golden: Golden) throws {
        let crop = Resampling.Crop(
            x: golden.crop[0], y: golden.crop[1], width: golden.crop[2], height: golden.crop[3]
        )
        let resampling = try golden.resampling(crop: crop)
        let pixels = try resampling.pixels(of: golden.frame)
        let size = 3 * resampling.filter.bytesPerValue
        #expect(pixels.count == crop.width * crop.height * size)
        if let crc = golden.cropCRC {
            #expect(crc32(pixels) == crc)
        } else {
            let full = try golden.resampling().pixels(of: golden.frame)
            var region: [UInt8] = []
            for y in crop.y..<crop.y + crop.height {
                let start = (y * golden.target[0] + crop.x) * size
                region += full[start..<start + crop.width * size]
            }
            #expect(pixels == region)
        }
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
        #expect(pixels.count == 1900 * 1900 * 3 * filter.bytesPerValue)
    }

    @Test func `clean-fid's filter is clipped, torch's bicubic filters overshoot`() throws {
        let frame = noiseFrame(width: 40, height: 30, seed: 3)
        func range(_ filter: Resampling.Filter) throws -> ClosedRange<Float> {
            let resampling = Resampling(
                filter, from: .init(width: 40, height: 30), to: .init(width: 60, height: 70))
            let values = floats(try resampling.pixels(of: frame))
            return (values.min() ?? 0)...(values.max() ?? 0)
        }
        #expect(try range(.pillowBicubicFloat) == 0...255)
        for filter in [Resampling.Filter.torchBicubicFloat, .torchBicubicAntialiased] {
            let found = try range(filter)
            #expect(found.lowerBound < -1 && found.upperBound > 256)
        }
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

/// The values of a float result.
private func floats(_ bytes: [UInt8]) -> [Float] {
    bytes.withUnsafeBytes { bytes in
        stride(from: 0, to: bytes.count, by: 4).map {
            bytes.loadUnaligned(fromByteOffset: $0, as: Float.self)
        }
    }
}
