import Frames
import TextFormats

/// The table of DiffSynth-Studio, whose loader takes the first 4n + 1 frames.
///
/// Source: modelscope/DiffSynth-Studio, `diffsynth/core/data/unified_dataset.py`, `operators.py`.
struct DiffSynth: DatasetExporter {
    let name = "diffsynth"
    let rules = ExportRules(
        videoExtensions: ["mp4", "avi", "mov", "wmv", "mkv", "flv", "webm", "gif"],
        caption: .table)

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        let rows = plan.samples.map { [$0.selected.path, $0.caption] }
        try folder.writeLines(
            ([[plan.kind.rawValue, "prompt"]] + rows).map(CSVLine.text), to: "metadata.csv")
        let shortened = plan.clips.count { $0.facts.kind == .video && $0.facts.frameCount % 4 != 1 }
        if shortened > 0 {
            report.notices.append(
                """
                \(shortened) of \(plan.clips.count) videos do not have 4·n + 1 frames: the loader leaves \
                out up to three at their ends
                """)
        }
    }
}

extension SelectionFormat {
    /// DiffSynth-Studio: `metadata.csv`.
    public static let diffsynth = SelectionFormat(DiffSynth())
}
