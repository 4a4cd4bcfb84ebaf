import ArgumentParser
import Preference

/// Options that group files by prompt.
struct GroupingOptions: ParsableArguments {
    @Option(
        help: """
            The generator's prompt file, one prompt per line; numbers in file names refer to its \
            lines.
            """, completion: .paths)
    var prompts: String?

    @Option(
        help: "The number of the first prompt in file names (default: 0 if there is a 0, else 1).")
    var firstNumber: Int?

    @Option(
        name: .customLong("group-by"),
        help: """
            auto: files in subfolders by folder, others by name, as 0007_2.mp4; file: equal names in \
            several folders, as seed0/0007.mp4.
            """)
    var rule: CandidateGrouping.Rule = .auto

    @Option(
        help: """
            A regular expression for whole file names without extension, with captures named group, \
            number or prompt.
            """)
    var pattern: String?

    func validate() throws {
        try OptionRange.check("--first-number", firstNumber, 0...999_999_999)
    }

    /// The grouping that the options describe.
    ///
    /// - Throws: `PreferenceError`.
    func candidateGrouping() throws -> CandidateGrouping {
        CandidateGrouping(
            rule: rule, pattern: try pattern.map { try NamePattern($0) } ?? .usual,
            prompts: try prompts.map { try PromptList(path: $0, firstNumber: firstNumber) })
    }
}
