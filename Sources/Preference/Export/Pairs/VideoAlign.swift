import Frames
import TextFormats

/// The table of VideoAlign. Its three criteria (visual quality, motion quality, text alignment) get the
/// same label, since there is only one score.
///
/// Source: KwaiVGI/VideoAlign, `datasets/train/README.md`, `data.py`.
struct VideoAlign: DatasetExporter {
    let name = "videoalign"
    let rules = ExportRules(
        kinds: [.video], minFrames: 2, caption: .table, takesReferences: false)

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        let header = [
            "path_A", "path_B", "prompt", "VQ", "MQ", "TA", "fps_A", "num_frames_A", "fps_B",
            "num_frames_B",
        ]
        let rows = plan.samples.map { sample in
            let (a, b) = (sample.chosen, sample.rejected)
            return [
                a.path, b.path, sample.caption, "A", "A", "A", "\(a.facts.frameRate)",
                "\(a.facts.frameCount)", "\(b.facts.frameRate)", "\(b.facts.frameCount)",
            ]
        }
        try folder.writeLines(([header] + rows).map(CSVLine.text), to: "pairs.csv")
    }
}

extension PairFormat {
    /// VideoAlign's reward model: `pairs.csv`.
    public static let videoalign = PairFormat(VideoAlign())
}
