import Encoders
import Foundation
import Frames
import TestSupport
import Testing

@Suite struct PreprocessorTests {
    /// Golden/preprocessing.json, made by the script beside it.
    struct Golden: Decodable {
        struct Case: Decodable, Sendable, CustomTestStringConvertible {
            var model: String
            var source: [Int]
            var seed: UInt32
            var crc: UInt32
            /// Every 30011th normalised value.
            var values: [Float]

            var testDescription: String { "\(model) \(source)" }
        }

        var recipes: [String: Preprocessing]
        var cases: [Case]
    }

    static let golden: Golden = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Golden/preprocessing.json")
        do {
            return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
        } catch {
            fatalError("\(file.path): \(error)")
        }
    }()

    @Test(arguments: golden.cases)
    func `equals the model's own preprocessing`(golden: Golden.Case) throws {
        let preprocessor = Preprocessor(try #require(Self.golden.recipes[golden.model]))
        let frame = picture(width: golden.source[0], height: golden.source[1], seed: golden.seed)
        let pixels = preprocessor.prepare(frame)
        #expect(pixels.count == 224 * 224 * 3)
        #expect(crc32(pixels) == golden.crc)
        let values = preprocessor.normalise(pixels)
        let taken = stride(from: 0, to: values.count, by: 30011).map { values[$0] }
        #expect(taken.count == golden.values.count)
        // References divide in other orders and precisions: a few units in the last place.
        for (mine, reference) in zip(taken, golden.values) { #expect(abs(mine - reference) < 1e-6) }
    }

    @Test func `frames of changing sizes are prepared alike`() throws {
        let recipe = try #require(Self.golden.recipes["clip"])
        let preprocessor = Preprocessor(recipe)
        let sizes = (0..<40).map { (100 + 7 * ($0 % 20), 90) }
        for (width, height) in sizes {
            let frame = picture(width: width, height: height, seed: 2)
            #expect(preprocessor.prepare(frame) == Preprocessor(recipe).prepare(frame))
        }
    }

    @Test func `a recipe that cannot be used says why`() throws {
        let recipe = try #require(Self.golden.recipes["clip"])
        #expect(recipe.problem == nil)
        let breaks: [(inout Preprocessing) -> Void] = [
            { $0.crop = 0 }, { $0.crop = 225 }, { $0.size = 1 << 40 }, { $0.size = -1 },
            { $0.mean = [0, 0] }, { $0.mean[1] = .nan }, { $0.deviation[2] = 0 },
            { $0.deviation = [] },
        ]
        for change in breaks {
            var broken = recipe
            change(&broken)
            #expect(broken.problem != nil)
        }
    }
}

/// The picture that Golden/preprocessing.py makes from the same three numbers.
private func picture(width: Int, height: Int, seed: UInt32) -> Frame {
    Frame(width: width, height: height, pixels: noise(width: width, height: height, seed: seed))
}
