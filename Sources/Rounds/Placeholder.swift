/// A value that a command receives, as `{word}` in its arguments and as `GANRM_WORD` in its
/// environment. All paths are absolute.
public enum Placeholder: String, Sendable, Hashable, CaseIterable {
    /// Round index, from 0.
    case round
    /// The configuration's seed plus the round index.
    case seed
    /// Prompt file, one prompt per line.
    case prompts
    /// Number of outputs per prompt, K.
    case candidates
    /// Checkpoint of the generator for this round.
    case checkpoint
    /// Folder for the generator's outputs. It exists, and is empty unless a resumable command restarts.
    case output
    /// The round's folder, for files that a command wants to keep.
    case folder
    /// The best candidate of each prompt, a JSON lines file.
    case sft
    /// Preference pairs, a JSON lines file.
    case pairs
    /// All candidates with their ranks, a JSON lines file.
    case ranks
    /// Folder with one data set per requested format.
    case exports
    /// The reward model of this round.
    case head
    /// Path at which the training command writes the next round's checkpoint: a file or a folder.
    case newCheckpoint = "new_checkpoint"
    /// Folder of the configuration file.
    case config

    /// Placeholders whose files exist only after candidates are ranked.
    static let ofTraining: Set<Placeholder> = [
        .sft, .pairs, .ranks, .exports, .head, .newCheckpoint,
    ]

    var environmentName: String { "GANRM_" + rawValue.uppercased() }
}
