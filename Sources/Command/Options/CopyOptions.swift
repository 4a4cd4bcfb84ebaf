import ArgumentParser
import Pipeline

/// Options for degraded copies of inputs.
struct CopyOptions: ParsableArguments {
    @Option(
        help: """
            Degraded copies of each sample, made in memory: blur, noise, blocks, banding and others, each \
            another kind, of a strength from 1 to 5; with softer labels, see \(Documentation.path("training")).
            """)
    var perturb = 0

    @Option(
        help: """
            One more degraded copy of each sample, by filters of FFmpeg as after -vf: what your generator does \
            wrong; may be given several times.
            """)
    var degrade: [String] = []

    @Option(help: "Seed of the copies' damage; other copies have to be encoded first.")
    var perturbSeed: UInt64 = 0

    func validate() throws {
        try OptionRange.check("--perturb", perturb, DegradedCopies.copyCounts)
        do { try degradedCopies(degradesMotion: false).checkFilters() } catch {
            throw ValidationError("--degrade: \(error)")
        }
    }

    /// Whether any copies are requested.
    var areWanted: Bool { perturb > 0 || !degrade.isEmpty }

    /// - Parameter degradesMotion: Whether every other copy has degraded motion.
    func degradedCopies(degradesMotion: Bool) -> DegradedCopies {
        DegradedCopies(
            copyCount: perturb, filters: degrade, degradesMotion: degradesMotion, seed: perturbSeed)
    }
}
