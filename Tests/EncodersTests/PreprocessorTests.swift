import Encoders
import Foundation
import Frames
import Testing
import TestSupport

@Suite struct PreprocessorTests {
    /// Contents of `fixtures/encoders/preprocessing.json`.
    struct Golden: Decodable {
        struct Case: Decodable, Sendable, CustomTestStringConvertible {
            var model: String
            var source: [Int]
            var seed: UInt32
            /// Missing if frames are resized in floating point.
            var crc: UInt32?
            /// Every 30011th normalized value.
            var values: [Float]

            var testDescription: String { "\(model) \(source)" }
        }

        var recipes: [String: Preprocessing]
        var cases: [Case]
    }

    static let golden = Result<Golden, any Error> {
        try Fixture.decode("encoders/preprocessing.json")
    }

    @Test(arguments: try golden.get().cases)
    func `matches the model's own preprocessing`(golden: Golden.Case) throws {
        let preprocessor = Preprocessor(try #require(Self.golden.get().recipes[golden.model]))
        let frame = noiseFrame(width: golden.source[0], height: golden.source[1], seed: golden.seed)
        let pixels = try preprocessor.prepare(frame)
        #expect(pixels.count == preprocessor.byteCount)
        if let crc = golden.crc { #expect(crc32(pixels) == crc) }
        let values = preprocessor.normalize(pixels)
        let samples = stride(from: 0, to: values.count, by: 30011).map { values[$0] }
        #expect(samples.count == golden.values.count)
        // The references divide in another order and precision: a few units in the last place. Floats are within 1e-6
        // of the range before they are divided by the deviation, which is above 0.25.
        let tolerance: Float = golden.crc == nil ? 4e-6 : 1e-6
        for (ours, theirs) in zip(samples, golden.values) {
            #expect(abs(ours - theirs) < tolerance)
        }
    }

    @Test func `preprocessing does not depend on previous frame sizes`() throws {
        let recipe = try #require(Self.golden.get().recipes["clip"])
        let preprocessor = Preprocessor(recipe)
        let sizes = (0..<40).map { (100 + 7 * ($0 % 20), 90) }
        for (width, height) in sizes {
            let frame = noiseFrame(width: width, height: height, seed: 2)
            #expect(try preprocessor.prepare(frame) == Preprocessor(recipe).prepare(frame))
        }
    }

    @Test func `an invalid recipe is reported`() throws {
        let recipe = try #require(Self.golden.get().recipes["clip"])
        #expect(recipe.problem == nil)
        let changes: [(inout Preprocessing) -> Void] = [
            { $0.crop = 0 }, { $0.crop = 225 }, { $0.size = 1 << 40 }, { $0.size = -1 },
            { $0.mean = [0, 0] }, { $0.mean[1] = .nan }, { $0.deviation[2] = 0 },
            { $0.deviation = [] },
        ]
        for change in changes {
            var invalid = recipe
            change(&invalid)
            #expect(invalid.problem != nil)
        }
    }
}
