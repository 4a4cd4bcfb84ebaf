import Frames
import TextFormats

/// The table of LVDM's loader, which drops a row with an empty cell. A file is
/// `<data_dir>/videos/<page_dir>/<videoid>.mp4`.
///
/// Source: CIntellifusion/VideoDPO, `data/webvid_lvdm.py`.
struct LVDM: DatasetExporter {
    let name = "lvdm"
    let rules = ExportRules(
        kinds: [.video], videoExtensions: ["mp4"], minFrames: 16, caption: .table,
        folder: "videos/selected",
        // pandas would parse a column of names like 0007 as integers and lose the zeros.
        namePrefix: "clip-", takesReferences: false)

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        let rows = plan.samples.map { [$0.selected.name, "selected", $0.caption] }
        try folder.writeLines(
            ([["videoid", "page_dir", "name"]] + rows).map(CSVLine.text), to: "metadata.csv")
    }
}

extension SelectionFormat {
    /// VideoCrafter, LVDM: `metadata.csv` and `videos/selected/`.
    public static let lvdm = SelectionFormat(LVDM())
}
