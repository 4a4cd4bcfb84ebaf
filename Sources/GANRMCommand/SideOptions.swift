import ArgumentParser
import GANRM
import Media

/// What is done to the samples of a training before they are embedded.
struct SideOptions: ParsableArguments {
    @Flag(
        help: """
            Bring both sides, in memory, to what their containers can share: the lower median frame rate, \
            the lower median short side (nothing is enlarged) and one H.264 encoding.
            """)
    var match = false

    @Option(
        help: """
            Degraded copies of each sample, made in memory: blur, noise, blocks, banding and others, each \
            another kind, of a strength from 1 to 5; with softer labels, see docs/training.md.
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

    @Flag(
        help: """
            Let degraded copies teach a part of its own, which takes off the logit what damage costs, instead \
            of the head; see docs/training.md.
            """)
    var parts = false

    func validate() throws {
        guard Perturbation.copyCounts.contains(perturb) else {
            throw ValidationError("--perturb is 0 to \(Perturbation.copyCounts.upperBound)")
        }
        for filters in degrade {
            do { try Degradation(filters: filters).treatment.check() } catch {
                throw ValidationError("--degrade: \(error)")
            }
        }
    }

    /// The copies that are made of samples.
    func perturbation(degradesMotion: Bool) -> Perturbation {
        Perturbation(
            copyCount: perturb, filters: degrade, degradesMotion: degradesMotion, seed: perturbSeed)
    }

    /// Refuses sides that are embeddings already: their frames are gone.
    ///
    /// - Throws: `GANRMError.framesNeeded`.
    func check(_ sides: [[String]]) throws {
        guard match || perturb > 0 || !degrade.isEmpty else { return }
        for case let path? in sides.map(\.first) where path.hasSuffix(".safetensors") {
            throw GANRMError.framesNeeded(
                path: path, option: match ? "--match" : perturb > 0 ? "--perturb" : "--degrade")
        }
    }
}
