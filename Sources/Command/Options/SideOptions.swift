import ArgumentParser

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
            of the head; see \(Documentation.path("training")).
            """)
    var parts = false
}
