import Media
public import Preference
import YAML

/// How a generator's files map to prompts; see `CandidateGrouping`.
public struct OutputLayout: Sendable, Hashable {
    public var grouping = CandidateGrouping()
    /// Number of the first prompt in file names, 0 or 1. Nil selects 0 if a file has the number 0,
    /// else 1.
    public var firstNumber: Int?

    public init() {}

    /// Reads `group_by`, `pattern`, `first_number`, `grid` and `grid_padding`.
    mutating func read(from section: inout YAMLMapping) throws(YAMLError) {
        firstNumber = try section.integer("first_number", in: 0...1)
        try section.read("group_by", &grouping.rule)
        if let pattern = try section.text("pattern") {
            do { grouping.pattern = try NamePattern(pattern) } catch {
                throw section.refusal("pattern", "\(error)")
            }
        }
        var padding = GridLayout.defaultPadding
        try section.read("grid_padding", &padding, in: 0...1000)
        guard let text = try section.text("grid") else { return }
        guard let grid = CandidateGrid(text, padding: padding) else {
            throw section.refusal("grid", "is to be a number of columns, 3x1 or auto")
        }
        grouping.grid = grid
    }

    /// The layout as text, for comparison with saved settings.
    var description: String {
        let grid =
            switch grouping.grid {
            case nil: "no grid"
            case .detected: "any grid"
            case .layout(let layout): "\(layout)"
            }
        return "\(grouping.rule.rawValue), \(grouping.pattern.text), \(grid), from "
            + (firstNumber.map(String.init) ?? "0 or 1")
    }

    /// The candidates in a folder, grouped by prompt, in path order.
    func candidates(
        in folder: String, promptFile: String
    ) throws(PreferenceError) -> CandidateList {
        var grouping = grouping
        grouping.prompts = try PromptList(path: promptFile, firstNumber: firstNumber)
        return try grouping.candidates(in: [folder])
    }
}
