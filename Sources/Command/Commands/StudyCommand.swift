import ArgumentParser

struct StudyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract: "Compare pairs by human raters, blind, and evaluate their answers.",
        discussion: "Without a subcommand, answers are evaluated: ganrm study results.json.",
        subcommands: [StudyMake.self, StudyResults.self], defaultSubcommand: StudyResults.self)
}
