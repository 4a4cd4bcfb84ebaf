import Frames
import TextFormats

/// Files of musubi-tuner: a list with absolute paths, since relative ones are resolved against the
/// trainer's working directory, and settings that keep every clip.
///
/// Source: kohya-ss/musubi-tuner, `docs/dataset_config.md`, `src/musubi_tuner/dataset/`.
struct Musubi: DatasetExporter {
    let name = "musubi"
    let rules = ExportRules(
        videoExtensions: [
            "mp4", "webm", "avi", "mkv", "mov", "flv", "wmv", "m4v", "mpg", "mpeg",
        ])

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        let kind = plan.kind.rawValue
        try folder.writeLines(
            plan.samples.map { sample in
                JSONValue.object([
                    .init("\(kind)_path", .string(sample.selected.absolutePath(in: folder.path))),
                    .init("caption", .string(sample.caption)),
                ])
            }, to: "metadata.jsonl")
        func quoted(_ name: String) -> String {
            JSONValue.string("\(folder.path)/\(name)").description
        }
        let size = plan.mostCommonSize
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
            let shortest = plan.minimum(\.facts.frameCount)
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

extension SelectionFormat {
    /// musubi-tuner: `metadata.jsonl` and `dataset.toml`.
    public static let musubi = SelectionFormat(Musubi())
}
