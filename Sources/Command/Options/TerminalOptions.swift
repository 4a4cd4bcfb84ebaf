import ArgumentParser

/// Options for messages and progress on a terminal, for commands that show progress.
struct TerminalOptions: ParsableArguments {
    @Option(
        help: """
            Whether messages and progress have colours; auto: on a terminal, unless NO_COLOR is set \
            or TERM is dumb.
            """)
    var color: Terminal.ColorChoice = .auto

    // Here, so that the command's first message has it.
    func validate() { Terminal.setColors(color) }
}

extension Terminal.ColorChoice: ExpressibleByArgument {}
