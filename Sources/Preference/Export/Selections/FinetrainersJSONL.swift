import TextFormats

/// Hugging Face's folder format: metadata with file names inside the data set.
///
/// Source: Hugging Face datasets, `packaged_modules/folder_based_builder`.
struct FinetrainersJSONL: DatasetExporter {
    let name = "finetrainers-jsonl"
    let rules = ExportRules(
        videoExtensions: ["mp4", "mov"], imageExtensions: ["jpg", "jpeg", "png"],
        takesReferences: false)

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        try folder.writeLines(
            plan.samples.map { sample in
                JSONValue.object([
                    .init("file_name", .string(sample.selected.path)),
                    .init("caption", .string(sample.caption)),
                ])
            }, to: "metadata.jsonl")
    }
}

extension SelectionFormat {
    /// finetrainers and other readers of Hugging Face's folder format: `metadata.jsonl`.
    public static let finetrainersJSONL = SelectionFormat(FinetrainersJSONL())
}
