import Frames
import JSON

/// The files of musubi-tuner: a list with absolute paths, since relative ones would be looked up where
/// the trainer is started, and settings that keep every clip.
///
/// Source: kohya-ss/musubi-tuner, `docs/dataset_config.md`, `src/musubi_tuner/dataset/`.
enum MusubiFiles {
    static func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ report: inout ExportReport
    ) throws(ExportError) {
        let kind = plan.kind.rawValue
        try folder.writeLines(
            plan.samples.map { sample in
                JSONValue.object([
                    .init("\(kind)_path", .string(sample.clips[0].absolutePath(in: folder.path))),
                    .init("caption", .string(sample.caption)),
                ])
            }, to: "metadata.jsonl")
        func quoted(_ name: String) -> String {
            JSONValue.string("\(folder.path)/\(name)").description
        }
        let size = FrameSize.commonest(of: plan.clips)
        var lines = [
            "[general]",
            "resolution = [\(size.width), \(size.height)]",
            "batch_size = 1",
            "enable_bucket = true",
            "bucket_no_upscale = false",
            "",
            "[[datasets]]",
            "\(kind)_jsonl_file = \(quoted("metadata.jsonl"))",
            "cache_directory = \(quoted("cache"))",
        ]
        if plan.kind == .video {
            let shortest = plan.clips.map(\.facts.frameCount).min() ?? 1
            lines += [
                "# The most 4n + 1 frames that every clip has; clips with fewer would be left out.",
                "target_frames = [\((shortest - 1) / 4 * 4 + 1)]",
                "frame_extraction = \"head\"",
            ]
            let rates = Set(plan.clips.map(\.facts.frameRate))
            if rates.count == 1, let rate = rates.first {
                lines += [
                    "# With this the trainer drops frames down to its model's rate (16 for Wan, 24 for",
                    "# HunyuanVideo), and target_frames has to be lower. It has to be a decimal number.",
                    "# source_fps = \(rate)",
                ]
            } else {
                report.notices.append(
                    """
                    the clips differ in frame rate (\(rates.count) of them); musubi-tuner takes each \
                    frame by frame
                    """)
            }
        }
        try folder.writeLines(lines, to: "dataset.toml")
    }
}

/// A size to train at.
enum FrameSize {
    /// What most clips have, in whole multiples of 16 pixels, at least 16.
    static func commonest(of clips: [ExportPlan.Clip]) -> (width: Int, height: Int) {
        var counts: [[Int]: Int] = [:]
        for clip in clips { counts[[clip.facts.width, clip.facts.height], default: 0] += 1 }
        let size =
            counts.max { ($0.value, $0.key[0], $0.key[1]) < ($1.value, $1.key[0], $1.key[1]) }?.key
            ?? [16, 16]
        return (max(16, size[0] / 16 * 16), max(16, size[1] / 16 * 16))
    }
}
