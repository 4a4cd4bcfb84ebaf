import Foundation
import Statistics
import Testing
import TestSupport

@Suite struct LevelSegmentationTests {
    /// A case of `fixtures/statistics/segmentation.json`.
    private struct Case: Decodable {
        var values: [Double]
        var length: Int
        var penalty: Double
        var cuts: [Int]
    }

    @Test func `segments match the exact search of ruptures`() throws {
        let cases: [Case] = try Fixture.decode("statistics/segmentation.json")
        try #require(cases.count == 43)
        for golden in cases {
            let pieces = LevelSegmentation(
                penalty: golden.penalty, minimumLength: Double(golden.length)
            ).pieces(values: golden.values, edges: (0...golden.values.count).map(Double.init))
            #expect(pieces.map(\.upperBound) == golden.cuts)
            #expect(pieces.map(\.lowerBound) == [0] + golden.cuts.dropLast())
        }
    }

    /// The lowest-cost partition whose segments are long enough, by exhaustive search.
    private func best(
        _ values: [Double], _ edges: [Double], _ segmentation: LevelSegmentation
    ) -> (cost: Double, pieces: [Range<Int>]) {
        var best = (cost: Double.infinity, pieces: [0..<values.count])
        for set in 0..<(1 << (values.count - 1)) {
            let cuts = [0] + (1..<values.count).filter { set >> ($0 - 1) & 1 == 1 } + [values.count]
            let pieces = zip(cuts, cuts.dropFirst()).map { $0..<$1 }
            guard
                pieces.allSatisfy({
                    edges[$0.upperBound] - edges[$0.lowerBound] >= segmentation.minimumLength
                })
            else { continue }
            let cost = pieces.reduce(0.0) { sum, piece in
                let mean = values[piece].reduce(0, +) / Double(piece.count)
                return sum + segmentation.penalty
                    + values[piece].reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            }
            if cost < best.cost { best = (cost, pieces) }
        }
        return best
    }

    @Test func `the partition is optimal also for values of uneven length`() {
        var generator = SplitMix(state: 6)
        var pieceCounts: Set<Int> = []
        for _ in 0..<300 {
            let count = Int.random(in: 1...12, using: &generator)
            let values = (0..<count).map { _ in Double.random(in: -3...3, using: &generator) }
            // Multiples of 1/4, so that sums of lengths are exact; some lengths are 0.
            let lengths = (0..<count).map { _ in
                Double(Int.random(in: 0...8, using: &generator)) / 4
            }
            let edges = lengths.reduce(into: [10.0]) { $0.append($0[$0.count - 1] + $1) }
            let segmentation = LevelSegmentation(
                penalty: Double.random(in: 0.1...4, using: &generator),
                minimumLength: Double(Int.random(in: 0...12, using: &generator)) / 4)
            let pieces = segmentation.pieces(values: values, edges: edges)
            #expect(pieces == best(values, edges, segmentation).pieces)
            pieceCounts.insert(pieces.count)
        }
        #expect(pieceCounts.isSuperset(of: 1...6))
    }

    @Test func `a constant curve, a short one and a single value are one segment`() {
        func pieces(_ values: [Double], minimumLength: Double) -> [Range<Int>] {
            let edges = (0...values.count).map(Double.init)
            return LevelSegmentation(
                penalty: LevelSegmentation.defaultPenalty(
                    values: values, edges: edges, minimumLength: minimumLength),
                minimumLength: minimumLength
            ).pieces(values: values, edges: edges)
        }
        #expect(pieces(Array(repeating: 1.5, count: 500), minimumLength: 1) == [0..<500])
        #expect(pieces([0, 0, 0, 9, 9, 9], minimumLength: 100) == [0..<6])
        #expect(pieces([4], minimumLength: 2) == [0..<1])
        #expect(pieces([], minimumLength: 2) == [])
        // A step of 0.1 is detected in a curve without noise; only steps below 0.001 are not.
        let step = Array(repeating: 0.0, count: 50) + Array(repeating: 0.1, count: 50)
        #expect(pieces(step, minimumLength: 1) == [0..<50, 50..<100])
    }

    @Test(arguments: [0.01, 1, 20])
    func `the default penalty depends on the noise, not on the steps`(deviation: Double) {
        var generator = SplitMix(state: 3)
        // The sum of twelve uniform values is approximately normal.
        let noise = (0..<3000).map { _ in
            (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
        }
        let edges = (0...3000).map(Double.init)
        let values = noise.enumerated().map { deviation * ($1 + Double($0 / 300 % 2) * 8) }
        let penalty = LevelSegmentation.defaultPenalty(
            values: values, edges: edges, minimumLength: 5)
        let expected = 2 * deviation * deviation * log(3000)
        // The median of 3000 differences has an error of about 3 %; the steps change it by less
        // than 2 %.
        #expect(abs(penalty / expected - 1) < 0.15)
        let pieces = LevelSegmentation(penalty: penalty, minimumLength: 5)
            .pieces(values: values, edges: edges)
        #expect(pieces.count == 10)
        for (piece, start) in zip(pieces, stride(from: 0, to: 3000, by: 300)) {
            #expect(abs(piece.lowerBound - start) <= 1)
        }
    }
}
