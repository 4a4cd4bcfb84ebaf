import TextFormats

/// A list of pairs with the usual keys of preference data sets.
struct PairJSONL: DatasetExporter {
    let name = "jsonl"
    let rules = ExportRules()

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        try folder.writeLines(
            plan.samples.map { sample in
                guard let margin = sample.margin else {
                    preconditionFailure("a pair has a margin")
                }
                return JSONValue.object([
                    .init("prompt", .string(sample.caption)),
                    .init("chosen", .string(sample.chosen.path)),
                    .init("rejected", .string(sample.rejected.path)),
                    .init("chosen_score", .number(sample.chosen.score)),
                    .init("rejected_score", .number(sample.rejected.score)),
                    .init("margin", .number(margin)),
                ])
            }, to: "pairs.jsonl")
    }
}

extension PairFormat {
    /// `pairs.jsonl` with `prompt`, `chosen`, `rejected` and their scores.
    public static let jsonl = PairFormat(PairJSONL())
}
