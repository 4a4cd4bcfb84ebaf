import ArgumentParser

struct StudyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract: "Let people compare pairs, blind, and hold their answers against the head.",
        discussion: "Without a subcommand it counts answers: ganrm study results.json.",
        subcommands: [StudyMake.self, StudyResults.self], defaultSubcommand: StudyResults.self)
}
