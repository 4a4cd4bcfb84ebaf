import Distances
import Testing

@Suite struct KernelDistanceTests {
    @Test(arguments: try FeatureGolden.load().kernel)
    func `the distance is that of torch-fidelity's formula`(golden: FeatureGolden.KernelCase) throws
    {
        let sides = golden.sides
        let distance = try KernelDistance(
            sides[0], sides[1], subsetCount: golden.subsets, subsetSize: golden.size,
            seed: golden.seed)
        // The kernel's values are about 1.
        #expect(abs(distance.mean - golden.mean) <= 1e-12)
        #expect(abs(distance.standardDeviation - golden.deviation) <= 1e-12)
        #expect(distance.subsetCount == golden.subsets)
        #expect(distance.subsetSize == golden.size)
    }

    @Test func `equal seeds give equal bits, other seeds other subsets`() throws {
        let sides = try FeatureGolden.load().kernel[0].sides
        func distance(seed: UInt64) throws -> KernelDistance {
            try KernelDistance(sides[0], sides[1], subsetCount: 20, subsetSize: 30, seed: seed)
        }
        let first = try distance(seed: 1)
        for _ in 0..<3 { #expect(try distance(seed: 1) == first) }
        #expect(try distance(seed: 2) != first)
    }

    @Test func `sets that are smaller than a subset are refused`() throws {
        let set = Array(repeating: [1, 2] as [Float], count: 30)
        let reason = """
            a subset of the kernel distance has 1000 samples, one side 30; add samples, or choose \
            subsets of at most 30
            """
        #expect(throws: DistanceError.noDistance(reason: reason)) { try KernelDistance(set, set) }
        #expect(throws: DistanceError.self) { try KernelDistance(set, set, subsetSize: 1) }
        #expect(throws: DistanceError.self) { try KernelDistance(set, set, subsetCount: 0) }
        let large = Array(
            repeating: Array(repeating: Float.greatestFiniteMagnitude, count: 2), count: 2)
        #expect(throws: DistanceError.self) {
            try KernelDistance(large + [[1]], large + [[1]], subsetSize: 2)
        }
        // The cube of a product of floats fits in a double.
        #expect(try KernelDistance(large, large, subsetCount: 1, subsetSize: 2).mean.isFinite)
    }
}
