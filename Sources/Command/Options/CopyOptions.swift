import ArgumentParser
import Pipeline

/// Options for degraded copies of inputs.
struct CopyOptions: ParsableArguments {
    @Option(
        help: """
            Number of degraded copies of each sample, made in memory: blur, noise, blocks, banding \
            and others, each of a different kind and with a strength from 1 to 5; see \
            \(Documentation.path("training")).
            """)
    var perturb = 0

    @Option(
        help: """
            One more degraded copy of each sample, made by FFmpeg filters as after -vf, for the \
            typical defects of your generator; may be repeated.
            """)
    var degrade: [String] = []

    @Option(help: "Seed of the degraded copies; those of another seed have to be encoded first.")
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
