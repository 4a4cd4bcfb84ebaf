import JSON

/// The files of UnifiedReward's forks of VideoDPO and of Diffusion-DPO.
///
/// Source: CodeGoat24/UnifiedReward, `VideoDPO/data/video_data.py` and `DiffusionDPO/train.py`. The first
/// keeps the last two parts of a path and puts the folder before them; the second casts to seven columns,
/// of which the scores are texts, and refuses any other.
enum UnifiedRewardFiles {
    static func writeVideos(_ plan: ExportPlan, to folder: DatasetFolder) throws(ExportError) {
        let weights = PairRarity(plan)
        try folder.writeArray(
            plan.samples.enumerated().map { index, sample in
                .object([
                    .init("caption", .string(sample.caption)),
                    .init("chosen", .string(sample.clips[0].path)),
                    .init("rejected", .string(sample.clips[1].path)),
                    .init("chosen_score", .string("\(sample.clips[0].score)")),
                    .init("rejected_score", .string("\(sample.clips[1].score)")),
                    // Read with `dupbeta` only, as in VideoDPO.
                    .init("score", .number(weights.scores[index])),
                ])
            }, to: "dpo_data.json")
        try folder.write("META:\n  - \(folder.quotedPath)\n", to: "train_data.yaml")
    }

    static func writeImages(_ plan: ExportPlan, to folder: DatasetFolder) throws(ExportError) {
        try folder.writeArray(
            plan.samples.enumerated().map { index, sample in
                .object([
                    .init("id", .string(ExportPlan.number(index))),
                    .init("caption", .string(sample.caption)),
                    // Relative to `images_dpo`.
                    .init("jpg_0", .string(sample.clips[0].fileName)),
                    .init("jpg_1", .string(sample.clips[1].fileName)),
                    .init("label_0", .integer(1)),
                    .init("chosen_score", .string("\(sample.clips[0].score)")),
                    .init("rejected_score", .string("\(sample.clips[1].score)")),
                ])
            }, to: "dpo_data.json")
    }
}

extension ExportPlan.Clip {
    /// In 0…1.
    var score: Double { ranked.score.value }
}
