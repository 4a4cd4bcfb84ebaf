import CSV
import Frames
import JSON
import Media

/// Lists of kept candidates that need no settings beside them.
enum SelectionLists {
    /// Source: CIntellifusion/VideoDPO, `data/webvid_lvdm.py`: a row with an empty cell is dropped, the
    /// file is `<data_dir>/videos/<page_dir>/<videoid>.mp4`.
    static func writeLVDM(_ plan: ExportPlan, to folder: DatasetFolder) throws(ExportError) {
        let rows = plan.samples.map { [$0.clips[0].name, "selected", $0.caption] }
        try folder.writeLines(
            ([["videoid", "page_dir", "name"]] + rows).map(CSVLine.text), to: "metadata.csv")
    }

    /// Source: finetrainers, `data/dataset.py`, `VideoFileCaptionFileListDataset`: line for line, split by
    /// `str.splitlines`.
    static func writeFinetrainers(_ plan: ExportPlan, to folder: DatasetFolder) throws(ExportError)
    {
        try folder.writeLines(plan.samples.map(\.caption), to: "prompts.txt")
        try folder.writeLines(
            plan.samples.map { $0.clips[0].path }, to: "\(plan.kind.rawValue)s.txt")
    }

    /// Source: Hugging Face datasets, `packaged_modules/folder_based_builder`.
    static func writeFolderMetadata(_ plan: ExportPlan, to folder: DatasetFolder)
        throws(ExportError)
    {
        try folder.writeLines(
            plan.samples.map { sample in
                JSONValue.object([
                    .init("file_name", .string(sample.clips[0].path)),
                    .init("caption", .string(sample.caption)),
                ])
            }, to: "metadata.jsonl")
    }

    /// Source: modelscope/DiffSynth-Studio, `diffsynth/core/data/unified_dataset.py`, `operators.py`: takes
    /// the first frames, as many as leave 1 when divided by 4.
    static func writeDiffSynth(
        _ plan: ExportPlan, to folder: DatasetFolder, _ report: inout ExportReport
    ) throws(ExportError) {
        let rows = plan.samples.map { [$0.clips[0].path, $0.caption] }
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

    /// Source: ali-vilab/VGen, `tools/datasets/video_dataset.py`.
    static func writeVGen(
        _ plan: ExportPlan, to folder: DatasetFolder, _ report: inout ExportReport
    ) throws(ExportError) {
        try folder.writeLines(
            plan.samples.map { "\($0.clips[0].path)|||\($0.caption)" }, to: "list.txt")
        // With its defaults the loader looks for 16 frames, 8 a second.
        let short = plan.clips.count {
            let stride = Int((($0.facts.frameRate) / 8).rounded(.toNearestOrEven))
            return $0.facts.frameCount < 16 * stride + 5
        }
        if short > 0 {
            report.notices.append(
                """
                \(short) of \(plan.clips.count) videos are shorter than 16 frames at 8 a second with 5 \
                frames to spare: VGen's loader fills up with grey frames
                """)
        }
    }

    static func writeJSONL(_ plan: ExportPlan, to folder: DatasetFolder) throws(ExportError) {
        try folder.writeLines(
            plan.samples.map { sample in
                JSONValue.object([
                    .init("prompt", .string(sample.caption)),
                    .init("file", .string(sample.clips[0].path)),
                    .init("rank", .integer(sample.clips[0].ranked.rank)),
                    .init("score", .number(sample.clips[0].score)),
                ])
            }, to: "selection.jsonl")
    }
}
