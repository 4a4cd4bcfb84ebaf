import JSON

/// The files of VideoDPO's `TextVideoDPO`.
///
/// `pair.json` names videos by their places in the list that is left after the loader has dropped those
/// under `clip_length` (1.0 s) from `metadata.json`: here it drops none, since shorter ones were left
/// out. The places count over all folders under `META`, so this data set has a `train_data.yaml` of its
/// own, which must name no other. The paths there have to be absolute, or the loader puts its own path
/// before them.
///
/// Source: CIntellifusion/VideoDPO, `data/video_data.py`.
struct VideoDPOFiles {
    private let plan: ExportPlan
    private let weights: PairRarity

    init(_ plan: ExportPlan) {
        self.plan = plan
        weights = PairRarity(plan)
    }

    func write(to folder: DatasetFolder, _ report: inout ExportReport) throws(ExportError) {
        var places: [String: Int] = [:]
        var captions: [String: String] = [:]
        for (place, clip) in plan.clips.enumerated() { places[clip.name] = place }
        for sample in plan.samples {
            for clip in sample.clips where captions[clip.name] == nil {
                captions[clip.name] = sample.caption
            }
        }
        try folder.writeArray(
            plan.clips.map { clip in
                .object([
                    .init(
                        "basic",
                        .object([
                            .init("clip_path", .string(clip.path)),
                            .init("clip_duration", .number(clip.facts.durationSeconds)),
                        ])),
                    .init(
                        "misc",
                        .object([
                            .init("frame_caption", .array([.string(captions[clip.name] ?? "")]))
                        ])),
                ])
            }, to: "metadata.json")
        try folder.writeArray(
            plan.samples.enumerated().map { index, sample in
                .object([
                    .init("video1", .integer(places[sample.clips[0].name] ?? 0)),
                    .init("video2", .integer(places[sample.clips[1].name] ?? 0)),
                    .init("frame_caption", .string(sample.caption)),
                    .init("score", .number(weights.scores[index])),
                ])
            }, to: "pair.json")
        try folder.write("META:\n  - \(folder.quotedPath)\n", to: "train_data.yaml")
    }
}
