import Encoders
public import GANRM
public import Preference
public import Reward
public import Scoring

/// Rounds as a user describes them in a file; the defaults are the paper's where it gives a value.
///
/// All paths are absolute.
///
/// Source: arXiv 2506.13846, Algorithm 1 and section 4.1.
public struct RoundsConfiguration: Sendable {
    /// The file that it was read from.
    public var path: String
    /// Trainings of the generator, at least 1; without a training command exactly 1.
    public var rounds: Int = 3
    /// Decides the seeds of the generator, of heads and of what is drawn.
    public var seed: UInt64 = 0
    /// Where the rounds are kept.
    public var state: String
    /// A file with a prompt a line.
    public var prompts: String
    /// Outputs of each prompt, K, at least 2: 3 for videos, 10 for pictures in the paper.
    public var candidates: Int = 3
    /// Samples that people like: inputs, or one list of them, as `ganrm train --proxy` takes them.
    public var proxy: [String]
    /// The generator's checkpoint of round 0; nil: its commands know.
    public var checkpoint: String?
    /// Where commands run.
    public var workingFolder: String
    public var generate: CommandStep
    /// How the generator's files belong to prompts.
    public var outputs = OutputLayout()
    /// Nil: lists are written and nothing is trained.
    public var train: CommandStep?
    /// The name of the checkpoint that the training command writes, in the round's folder.
    public var newCheckpoint = "checkpoint"
    /// How heads are trained; the seed is the configuration's plus the round's number.
    public var head = TrainingSettings()
    /// Whether a head begins with the numbers of the round before rather than afresh.
    public var headContinues = false
    public var bootstrap = RankBootstrap()
    /// Share of the prompts whose outputs are not negatives but are bootstrapped from, 0..<1.
    public var bootstrapShare = 0.5
    public var encoder = ModelLoading()
    /// Blocks that embeddings are taken from, from 1; nil: the last one.
    public var taps: [Int]?
    /// The block that motion is taken from; nil: nothing is known of it.
    public var motion: Int?
    /// Frames of a clip; nil: the encoder's usual number.
    public var frames: Int?
    /// Clips that are encoded together.
    public var batch = 4
    public var pairs = PairSelection()
    /// Which outputs must not win.
    public var exclusion = CandidateExclusion()
    /// Whether heads are shown failures, see `FailurePattern`.
    public var showsFailures = true
    /// Degraded copies of the proxy data, and of the outputs that are negatives; `degradesMotion` goes by `motion`.
    public var perturbation = Perturbation(copyCount: 0)
    /// Whether these teach a part of its own what damage costs, instead of the head.
    public var learnsDamage = false
    /// Data sets that are written for trainers, each in a folder of the format's name.
    public var pairFormats: [PairFormat] = []
    public var selectionFormats: [SelectionFormat] = []
    /// Of the covariances in the Fréchet distance.
    public var shrinkage = CovarianceShrinkage.none

    /// Whether heads are bootstrapped from a part of the outputs.
    var bootstraps: Bool { head.strategy == .bootstrap && bootstrapShare > 0 }

    /// The last round, which only shows what the last training did; nil if nothing is trained.
    var lastLook: Int? { train == nil ? nil : rounds }
}
