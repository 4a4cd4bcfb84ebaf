import Frames
import TextFormats

/// Files of UnifiedReward's fork of VideoDPO, whose loader keeps the last two components of a path and
/// prepends the folder.
///
/// Source: CodeGoat24/UnifiedReward, `VideoDPO/data/video_data.py`.
struct UnifiedReward: DatasetExporter {
    let name = "unifiedreward"
    let rules = ExportRules(kinds: [.video], minFrames: 16, takesReferences: false)

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        let frequency = PairFrequency(plan)
        try folder.writeArray(
            plan.samples.enumerated().map { index, sample in
                .object([
                    .init("caption", .string(sample.caption)),
                    .init("chosen", .string(sample.chosen.path)),
                    .init("rejected", .string(sample.rejected.path)),
                    .init("chosen_score", .string("\(sample.chosen.score)")),
                    .init("rejected_score", .string("\(sample.rejected.score)")),
                    // Used only with `dupbeta`, as in VideoDPO.
                    .init("score", .number(frequency.scores[index])),
                ])
            }, to: "dpo_data.json")
        try folder.write("META:\n  - \(folder.quotedPath)\n", to: "train_data.yaml")
    }
}

extension PairFormat {
    /// UnifiedReward's fork of VideoDPO: `dpo_data.json`, `train_data.yaml`.
    public static let unifiedreward = PairFormat(UnifiedReward())
}
