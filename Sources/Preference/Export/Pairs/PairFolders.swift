import TextFormats

/// Folders `w/` and `l/` with equal file names for both files of a pair, and a list of the prompts by
/// file name.
struct PairFolders: DatasetExporter {
    let name = "folders"
    let rules = ExportRules(caption: .optional, takesReferences: false, layout: .folderPerSide)

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        try folder.writeLines(
            plan.samples.enumerated().map { index, sample in
                let name = "\(ExportPlan.sampleName(index)).\(sample.chosen.extension)"
                return JSONValue.object([
                    .init("name", .string(name)), .init("prompt", .string(sample.caption)),
                ])
            }, to: "prompts.jsonl")
    }
}

extension PairFormat {
    /// Folders `w/` and `l/` with equal file names.
    public static let folders = PairFormat(PairFolders())
}
