import Frames
import Media

/// The data sets of preference pairs that trainers load. `docs/exports.md` says with which version each
/// was checked.
public enum PairFormat: String, Sendable, Hashable, CaseIterable {
    /// VideoDPO: `metadata.json`, `pair.json`, `train_data.yaml`.
    case videodpo
    /// UnifiedReward's fork of VideoDPO: `dpo_data.json`, `train_data.yaml`.
    case unifiedreward
    /// UnifiedReward's fork of Diffusion-DPO: `dpo_data.json`, `images_dpo/`.
    case unifiedrewardImage = "unifiedreward-image"
    /// Diffusion-DPO, Pick-a-Pic: tars with `jpg_0`, `jpg_1`, `label_0`, `label_1`, `caption`.
    case webdataset
    /// The same with paths in place of bytes, for `scripts/pairs-to-parquet`.
    case pickapicJSONL = "pickapic-jsonl"
    /// VideoAlign's reward model: `pairs.csv`.
    case videoalign
    /// `w/` and `l/` with equal names.
    case folders
    /// `pairs.jsonl` with `prompt`, `chosen`, `rejected` and their scores.
    case jsonl

    var rules: ExportRules {
        var rules = ExportRules()
        switch self {
        case .videodpo:
            rules.kinds = [.video]
            rules.minFrames = 16
            rules.minSeconds = 1
        case .unifiedreward:
            rules.kinds = [.video]
            rules.minFrames = 16
            rules.takesReferences = false
        case .unifiedrewardImage:
            rules.kinds = [.image]
            rules.folder = "images_dpo"
            rules.takesReferences = false
        case .webdataset:
            rules.kinds = [.image]
            rules.layout = .archive
        case .pickapicJSONL:
            rules.kinds = [.image]
        case .videoalign:
            rules.kinds = [.video]
            rules.minFrames = 2
            rules.caption = .table
            rules.takesReferences = false
        case .folders:
            rules.caption = .optional
            rules.layout = .folderPerSide
            rules.takesReferences = false
        case .jsonl:
            break
        }
        return rules
    }
}
