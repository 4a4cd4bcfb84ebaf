import Frames
import TextFormats

/// Files of UnifiedReward's fork of Diffusion-DPO, whose loader casts to seven columns, with scores as
/// strings, and refuses any other column.
///
/// Source: CodeGoat24/UnifiedReward, `DiffusionDPO/train.py`.
struct UnifiedRewardImage: DatasetExporter {
    let name = "unifiedreward-image"
    let rules = ExportRules(kinds: [.image], folder: "images_dpo", takesReferences: false)

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        try folder.writeArray(
            plan.samples.enumerated().map { index, sample in
                .object([
                    .init("id", .string(ExportPlan.sampleName(index))),
                    .init("caption", .string(sample.caption)),
                    // Relative to `images_dpo`.
                    .init("jpg_0", .string(sample.chosen.fileName)),
                    .init("jpg_1", .string(sample.rejected.fileName)),
                    .init("label_0", .integer(1)),
                    .init("chosen_score", .string("\(sample.chosen.score)")),
                    .init("rejected_score", .string("\(sample.rejected.score)")),
                ])
            }, to: "dpo_data.json")
    }
}

extension PairFormat {
    /// UnifiedReward's fork of Diffusion-DPO: `dpo_data.json`, `images_dpo/`.
    public static let unifiedrewardImage = PairFormat(UnifiedRewardImage())
}
