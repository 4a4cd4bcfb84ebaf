/// What a command is told about its round, as `{word}` in its arguments and as `GANRM_WORD` in its
/// environment. All paths are absolute.
public enum Placeholder: String, Sendable, Hashable, CaseIterable {
    /// The round's number, from 0.
    case round
    /// The configuration's seed plus the round's number.
    case seed
    /// The file with the prompts, one a line.
    case prompts
    /// How many outputs of each prompt are wanted, K.
    case candidates
    /// The generator's checkpoint of this round.
    case checkpoint
    /// The folder that outputs are to be written to; it is there and empty.
    case output
    /// The round's folder, for what a command likes to keep.
    case folder
    /// The best candidate of each prompt, JSON lines.
    case sft
    /// Preference pairs, JSON lines.
    case pairs
    /// All candidates with their ranks, JSON lines.
    case ranks
    /// The folder with a data set for each format that is asked for.
    case exports
    /// The reward model of this round.
    case head
    /// Where the training command is to write the checkpoint of the next round: a file or a folder.
    case newCheckpoint = "new_checkpoint"
    /// The folder of the configuration file.
    case config

    /// What exists only behind the ranks of a round.
    static let ofTraining: Set<Placeholder> = [
        .sft, .pairs, .ranks, .exports, .head, .newCheckpoint,
    ]

    var environmentName: String { "GANRM_" + rawValue.uppercased() }
}
