import Frames

/// Two lists for finetrainers, matched by line, split by `str.splitlines`.
///
/// Source: finetrainers, `data/dataset.py`, `VideoFileCaptionFileListDataset`.
struct Finetrainers: DatasetExporter {
    let name = "finetrainers"
    let rules = ExportRules(
        videoExtensions: ["mp4", "mov"], imageExtensions: ["jpg", "jpeg", "png"], caption: .line)

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        try folder.writeLines(plan.samples.map(\.caption), to: "prompts.txt")
        try folder.writeLines(plan.samples.map(\.selected.path), to: "\(plan.kind.rawValue)s.txt")
    }
}

extension SelectionFormat {
    /// finetrainers: `prompts.txt` and `videos.txt`.
    public static let finetrainers = SelectionFormat(Finetrainers())
}
