import ArgumentParser

/// Options for processing training samples before they are embedded.
struct SideOptions: ParsableArguments {
    @Flag(
        help: """
            Convert both classes, in memory, to the lower median frame rate, the lower median short \
            side (nothing is enlarged) and one H.264 encoding.
            """)
    var match = false

    @OptionGroup var copies: CopyOptions

    @Flag(
        help: """
            Train a separate part with the degraded copies instead of the head; it lowers the logit \
            of damaged samples; see \(Documentation.path("training")).
            """)
    var parts = false
}
