import ArgumentParser
import Distances
import Evaluation

/// Options of distances between sets: subsets of the kernel distance, resamples of the Fréchet distance.
struct DistanceOptions: ParsableArguments {
    @Option(help: "Subsets of the kernel distance.")
    var subsets = KernelDistance.defaultSubsetCount

    @Option(help: "Samples of a subset; both sets need as many.")
    var subsetSize = KernelDistance.defaultSubsetSize

    @Option(
        help: """
            Bootstrap resamples for a 95 % interval of the distance, of which each takes as long as \
            the distance (default: none).
            """)
    var resamples: Int?

    @Option(help: "Seed of resamples and subsets.")
    var seed: UInt64 = 0

    func validate() throws {
        try OptionRange.check("--subsets", subsets, KernelDistance.subsetCounts)
        try OptionRange.check("--subset-size", subsetSize, KernelDistance.subsetSizes)
        try OptionRange.check("--resamples", resamples, FrechetBootstrap.resampleCounts)
    }

    var hasDefaultSubsets: Bool {
        subsets == KernelDistance.defaultSubsetCount
            && subsetSize == KernelDistance.defaultSubsetSize
    }

    var bootstrap: FrechetBootstrap? {
        resamples.map { FrechetBootstrap(resamples: $0, seed: seed) }
    }

    var kernel: KernelSettings {
        KernelSettings(subsetCount: subsets, subsetSize: subsetSize, seed: seed)
    }
}
