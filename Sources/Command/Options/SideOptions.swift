import ArgumentParser
import Media
import Pipeline

/// Options for processing training samples before they are embedded.
struct SideOptions: ParsableArguments {
    @Flag(
        help: """
            Bring both sides, in memory, to what their containers can share: the lower median frame rate, \
            the lower median short side (nothing is enlarged) and one H.264 encoding.
            """)
    var match = false

    @OptionGroup var copies: CopyOptions

    @Flag(
        help: """
            Let degraded copies teach a part of its own, which takes off the logit what damage costs, instead \
            of the head; see docs/training.md.
            """)
    var parts = false

    /// Refuses sides that are embeddings, for which no frames are available.
    ///
    /// - Throws: `GANRMError.framesNeeded`.
    func check(_ sides: [[String]]) throws {
        guard match || copies.areWanted else { return }
        for case let path? in sides.map(\.first) where path.hasSuffix(".safetensors") {
            throw GANRMError.framesNeeded(
                path: path,
                option: match ? "--match" : copies.perturb > 0 ? "--perturb" : "--degrade")
        }
    }
}
