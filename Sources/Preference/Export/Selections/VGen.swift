import Frames

/// The list of VGen and InstructVideo: a path and a caption per line, separated by `|||`.
///
/// Source: ali-vilab/VGen, `tools/datasets/video_dataset.py`.
struct VGen: DatasetExporter {
    let name = "vgen"
    let rules = ExportRules(
        kinds: [.video], minFrames: 16,
        // The loader divides by round(fps / 8), which is 0 for up to 4 fps.
        minRate: 4, caption: .barredLine)

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        try folder.writeLines(
            plan.samples.map { "\($0.selected.path)|||\($0.caption)" }, to: "list.txt")
        // By default the loader samples 16 frames at 8 frames per second.
        let short = plan.clips.count {
            let stride = (($0.facts.frameRate) / 8).rounded(.toNearestOrEven)
            return Double($0.facts.frameCount) < 16 * stride + 5
        }
        if short > 0 {
            report.notices.append(
                """
                \(short) of \(plan.clips.count) videos are shorter than 16 frames at 8 a second with 5 \
                frames to spare: VGen's loader fills up with grey frames
                """)
        }
    }
}

extension SelectionFormat {
    /// VGen, InstructVideo: `list.txt`.
    public static let vgen = SelectionFormat(VGen())
}
