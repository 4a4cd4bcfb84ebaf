import Files
import Frames
import OrderedCollections
import TextFormats

/// Files of diffusion-pipe: captions by file name beside the media, and settings one folder up, since
/// it treats any unknown file as an image.
///
/// Source: tdrussell/diffusion-pipe, `utils/dataset.py`, `examples/dataset.toml`.
struct DiffusionPipe: DatasetExporter {
    let name = "diffusion-pipe"
    let rules = ExportRules(
        videoExtensions: ["mp4", "mov", "avi", "mkv", "webm"], minFrames: 5,
        takesReferences: false)

    /// Frames per second of Wan, the lowest rate of the models that diffusion-pipe trains.
    private static let lowestModelRate = 16.0

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        let media = plan.kind == .image ? "images" : "videos"
        // Several prompts may share a file.
        var captions: OrderedDictionary<String, [JSONValue]> = [:]
        for sample in plan.samples {
            captions[sample.selected.fileName, default: []].append(.string(sample.caption))
        }
        let members = captions.map { JSONValue.Member($0.key, .array($0.value)) }
        try folder.write("\(JSONValue.object(members))\n", to: "\(media)/captions.json")
        let size = plan.mostCommonSize
        var lines = ["resolutions = [[\(size.width), \(size.height)]]", "enable_ar_bucket = true"]
        lines += ["min_ar = 0.5", "max_ar = 2.0", "num_ar_buckets = 7"]
        if plan.kind == .video {
            // The trainer first converts videos to its model's frame rate.
            let shortest = plan.minimum {
                Int(
                    truncating: Double($0.facts.frameCount) * Self.lowestModelRate
                        / $0.facts.frameRate) ?? $0.facts.frameCount
            }
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

extension SelectionFormat {
    /// diffusion-pipe: `captions.json` beside the files, and `dataset.toml`.
    public static let diffusionPipe = SelectionFormat(DiffusionPipe())
}
