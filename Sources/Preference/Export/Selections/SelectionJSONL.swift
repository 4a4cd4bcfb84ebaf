import TextFormats

/// A list of the selected files with their ranks and scores.
struct SelectionJSONL: DatasetExporter {
    let name = "jsonl"
    let rules = ExportRules()

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        try folder.writeLines(
            plan.samples.map { sample in
                JSONValue.object([
                    .init("prompt", .string(sample.caption)),
                    .init("file", .string(sample.selected.path)),
                    .init("rank", .integer(sample.selected.ranked.rank)),
                    .init("score", .number(sample.selected.score)),
                ])
            }, to: "selection.jsonl")
    }
}

extension SelectionFormat {
    /// `selection.jsonl` with `prompt`, `file`, `rank` and `score`.
    public static let jsonl = SelectionFormat(SelectionJSONL())
}
