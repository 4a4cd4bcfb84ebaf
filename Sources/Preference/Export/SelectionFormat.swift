import Frames
import Media

/// The data sets of kept candidates that trainers load, for supervised fine-tuning. `docs/exports.md`
/// says with which version each was checked.
public enum SelectionFormat: String, Sendable, Hashable, CaseIterable {
    /// VideoCrafter, LVDM: `metadata.csv` and `videos/selected/`.
    case lvdm
    /// finetrainers: `prompts.txt` and `videos.txt`.
    case finetrainers
    /// finetrainers and other readers of Hugging Face's folders: `metadata.jsonl`.
    case finetrainersJSONL = "finetrainers-jsonl"
    /// DiffSynth-Studio: `metadata.csv`.
    case diffsynth
    /// musubi-tuner: `metadata.jsonl` and `dataset.toml`.
    case musubi
    /// diffusion-pipe: `captions.json` beside the files, and `dataset.toml`.
    case diffusionPipe = "diffusion-pipe"
    /// VGen, InstructVideo: `list.txt`.
    case vgen
    /// `selection.jsonl` with `prompt`, `file`, `rank` and `score`.
    case jsonl

    var rules: ExportRules {
        var rules = ExportRules()
        switch self {
        case .lvdm:
            rules.kinds = [.video]
            rules.videoExtensions = ["mp4"]
            rules.minFrames = 16
            rules.caption = .table
            rules.folder = "videos/selected"
            // pandas would read a column of names like 0007 as numbers, and the zeros were lost.
            rules.namePrefix = "clip-"
            rules.takesReferences = false
        case .finetrainers, .finetrainersJSONL:
            rules.videoExtensions = ["mp4", "mov"]
            rules.imageExtensions = ["jpg", "jpeg", "png"]
            if self == .finetrainers { rules.caption = .line }
            rules.takesReferences = self == .finetrainers
        case .diffsynth:
            rules.videoExtensions = ["mp4", "avi", "mov", "wmv", "mkv", "flv", "webm", "gif"]
            rules.caption = .table
        case .musubi:
            rules.videoExtensions = [
                "mp4", "webm", "avi", "mkv", "mov", "flv", "wmv", "m4v", "mpg", "mpeg",
            ]
        case .diffusionPipe:
            rules.videoExtensions = ["mp4", "mov", "avi", "mkv", "webm"]
            rules.minFrames = 5
            rules.takesReferences = false
        case .vgen:
            rules.kinds = [.video]
            rules.minFrames = 16
            // The loader divides by round(fps / 8), which is 0 up to 4.
            rules.minRate = 4
            rules.caption = .barredLine
        case .jsonl:
            break
        }
        return rules
    }
}
