import CSV
import JSON

/// Lists of pairs that are one file: the winner comes first everywhere.
enum PairLists {
    /// The columns of Pick-a-Pic, with paths in place of encoded bytes.
    ///
    /// A label is 1 or 0, never 0.5: the loaders of Diffusion-DPO and of diffusers take a tie for a win
    /// of the first.
    static func writePickAPic(_ plan: ExportPlan, to folder: DatasetFolder) throws(ExportError) {
        try folder.writeLines(
            plan.samples.map { sample in
                JSONValue.object([
                    .init("caption", .string(sample.caption)),
                    .init("jpg_0", .string(sample.clips[0].path)),
                    .init("jpg_1", .string(sample.clips[1].path)),
                    .init("label_0", .number(1)),
                    .init("label_1", .number(0)),
                ])
            }, to: "pairs.jsonl")
    }

    /// The table of VideoAlign. Its three questions (visual quality, motion quality, text alignment) have
    /// one answer here, since there is one score.
    ///
    /// Source: KwaiVGI/VideoAlign, `datasets/train/README.md`, `data.py`.
    static func writeVideoAlign(_ plan: ExportPlan, to folder: DatasetFolder) throws(ExportError) {
        let header = [
            "path_A", "path_B", "prompt", "VQ", "MQ", "TA", "fps_A", "num_frames_A", "fps_B",
            "num_frames_B",
        ]
        let rows = plan.samples.map { sample in
            let (a, b) = (sample.clips[0], sample.clips[1])
            return [
                a.path, b.path, sample.caption, "A", "A", "A", "\(a.facts.frameRate)",
                "\(a.facts.frameCount)", "\(b.facts.frameRate)", "\(b.facts.frameCount)",
            ]
        }
        try folder.writeLines(([header] + rows).map(CSVLine.text), to: "pairs.csv")
    }

    /// What was asked for under which name.
    static func writeFolderPrompts(
        _ plan: ExportPlan, to folder: DatasetFolder
    ) throws(ExportError) {
        try folder.writeLines(
            plan.samples.enumerated().map { index, sample in
                let name = "\(ExportPlan.number(index)).\(sample.clips[0].extension)"
                return JSONValue.object([
                    .init("name", .string(name)), .init("prompt", .string(sample.caption)),
                ])
            }, to: "prompts.jsonl")
    }

    static func writeJSONL(_ plan: ExportPlan, to folder: DatasetFolder) throws(ExportError) {
        try folder.writeLines(
            plan.samples.map { sample in
                JSONValue.object([
                    .init("prompt", .string(sample.caption)),
                    .init("chosen", .string(sample.clips[0].path)),
                    .init("rejected", .string(sample.clips[1].path)),
                    .init("chosen_score", .number(sample.clips[0].score)),
                    .init("rejected_score", .number(sample.clips[1].score)),
                    .init("margin", .number(sample.margin ?? 0)),
                ])
            }, to: "pairs.jsonl")
    }
}
