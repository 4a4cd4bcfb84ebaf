import Frames
import JSON
import Media

/// The files of diffusion-pipe: captions beside the media, by file name, and settings one folder up,
/// since it takes any file that it does not know for a picture.
///
/// Source: tdrussell/diffusion-pipe, `utils/dataset.py`, `examples/dataset.toml`.
enum DiffusionPipeFiles {
    /// Wan's frames per second, the lowest of the models that it trains.
    private static let lowestModelRate = 16.0

    static func write(_ plan: ExportPlan, to folder: DatasetFolder) throws(ExportError) {
        let media = plan.kind == .image ? "images" : "videos"
        // Several prompts may have kept one file.
        var order: [String] = []
        var captions: [String: [JSONValue]] = [:]
        for sample in plan.samples {
            let name = sample.clips[0].fileName
            if captions[name] == nil { order.append(name) }
            captions[name, default: []].append(.string(sample.caption))
        }
        let members = order.map { JSONValue.Member($0, .array(captions[$0] ?? [])) }
        try folder.write("\(JSONValue.object(members))\n", to: "\(media)/captions.json")
        let size = FrameSize.commonest(of: plan.clips)
        var lines = ["resolutions = [[\(size.width), \(size.height)]]", "enable_ar_bucket = true"]
        lines += ["min_ar = 0.5", "max_ar = 2.0", "num_ar_buckets = 7"]
        if plan.kind == .video {
            // The trainer converts to its model's rate first.
            let shortest =
                plan.clips.map {
                    Int(Double($0.facts.frameCount) * lowestModelRate / $0.facts.frameRate)
                }.min() ?? 1
            lines += [
                "# The most 4n + 1 frames that every clip has at 16 frames a second; shorter clips would be",
                "# dropped. 1 is for images.",
                "frame_buckets = [1, \(max(5, (shortest - 1) / 4 * 4 + 1))]",
            ]
        } else {
            lines.append("frame_buckets = [1]")
        }
        let path = JSONValue.string("\(folder.path)/\(media)").description
        lines += ["", "[[directory]]", "path = \(path)", "num_repeats = 1"]
        try folder.writeLines(lines, to: "dataset.toml")
    }
}
