import Frames
import OrderedCollections
import TextFormats

/// Files of VideoDPO's `TextVideoDPO`.
///
/// `pair.json` refers to videos by their indices in the list that remains after the loader has dropped
/// videos shorter than `clip_length` (1.0 s) from `metadata.json`: none here, since they were left out.
/// Indices run over all folders under `META`, so this data set has its own `train_data.yaml`, which
/// must name no other folder. Paths in it have to be absolute, or the loader prepends its own path.
///
/// Source: CIntellifusion/VideoDPO, `data/video_data.py`.
struct VideoDPO: DatasetExporter {
    let name = "videodpo"
    let rules = ExportRules(kinds: [.video], minFrames: 16, minSeconds: 1)

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        let frequency = PairFrequency(plan)
        // Each clip with the caption of its first sample.
        var clips: OrderedDictionary<String, (clip: ExportPlan.Clip, caption: String)> = [:]
        for sample in plan.samples {
            for clip in sample.clips where clips[clip.name] == nil {
                clips[clip.name] = (clip, sample.caption)
            }
        }
        func index(of clip: ExportPlan.Clip) -> Int {
            guard let index = clips.index(forKey: clip.name) else {
                preconditionFailure("the samples' clips were collected above")
            }
            return index
        }
        try folder.writeArray(
            clips.values.map { clip, caption in
                [
                    "basic": [
                        "clip_path": .string(clip.path),
                        "clip_duration": .number(clip.facts.durationSeconds),
                    ],
                    "misc": ["frame_caption": [.string(caption)]],
                ]
            }, to: "metadata.json")
        try folder.writeArray(
            plan.samples.enumerated().map { number, sample in
                [
                    "video1": .integer(index(of: sample.chosen)),
                    "video2": .integer(index(of: sample.rejected)),
                    "frame_caption": .string(sample.caption),
                    "score": .number(frequency.scores[number]),
                ]
            }, to: "pair.json")
        try folder.write("META:\n  - \(folder.quotedPath)\n", to: "train_data.yaml")
    }
}

extension PairFormat {
    /// VideoDPO: `metadata.json`, `pair.json`, `train_data.yaml`.
    public static let videodpo = PairFormat(VideoDPO())
}
