public import Distances
public import Metrics
public import Pipeline
public import Preference
public import Reward
public import Scoring

/// Configuration of `ganrm rounds`; the defaults are the paper's where it gives a value.
///
/// All paths are absolute.
///
/// Source: arXiv 2506.13846, Algorithm 1 and section 4.1.
public struct RoundsConfiguration: Sendable {
    /// Path of the configuration file.
    public var path: String
    /// Number of rounds, at least 1; exactly 1 without a training command.
    public var rounds: Int = 3
    /// Base seed of the generator, the heads and all sampling.
    public var seed: UInt64 = 0
    /// Folder that stores the state of the run.
    public var state: String
    /// Prompt file, one prompt per line.
    public var prompts: String
    /// Outputs per prompt, K, at least 2. The paper uses 3 for videos and 10 for images.
    public var candidates: Int = 3
    /// Proxy samples: inputs, or one list of them, as for `ganrm train --proxy`.
    public var proxy: [String]
    /// The generator's checkpoint for round 0; nil if no command uses it.
    public var checkpoint: String?
    /// Working directory of the commands.
    public var workingFolder: String
    public var generate: CommandStep
    /// How the generator's files map to prompts.
    public var outputs = OutputLayout()
    /// The training command. Nil writes the data sets without training the generator.
    public var train: CommandStep?
    /// Name, in the round's folder, of the checkpoint that the training command writes.
    public var newCheckpoint = "checkpoint"
    /// Training settings of the heads; the seed is replaced by `seed` plus the round index.
    public var head = TrainingSettings()
    /// Whether a head starts from the previous round's parameters instead of random ones.
    public var headContinues = false
    public var bootstrap = RankBootstrap()
    /// Share of the prompts whose outputs are bootstrap candidates instead of negatives, 0..<1.
    public var bootstrapShare = 0.5
    public var encoder = ModelLoader()
    /// Encoder blocks that embeddings are taken from, from 1. Nil selects the last block.
    public var taps: [Int]?
    /// Encoder block that motion features are taken from, from 1. Nil disables them.
    public var motion: Int?
    /// Frames per clip. Nil selects the encoder's default.
    public var frames: Int?
    /// Clips per encoder batch.
    public var batch = 4
    public var pairs = PairSelection()
    /// Criteria for outputs that must not win.
    public var exclusion = CandidateExclusion()
    /// Whether failure patterns are added to the heads' training data; see `FailurePattern`.
    public var trainsOnFailures = true
    /// Degraded copies of the proxy data and of the outputs that are negatives; `degradesMotion`
    /// follows `motion`.
    public var degradedCopies = DegradedCopies()
    /// Whether degraded copies train the separate degradation part of the model instead of the head.
    public var trainsDegradationPart = false
    /// Data sets to export for trainers, each to a folder named after its format.
    public var pairFormats: [PairFormat] = []
    public var selectionFormats: [SelectionFormat] = []
    /// Covariance shrinkage of the Fréchet distance.
    public var shrinkage = CovarianceShrinkage.none
    /// Metrics of the outputs beside the reward; metrics of sets compare them with the proxy data.
    public var metrics: [Metric] = []
    /// Frames of a video for metrics of pictures.
    public var metricFrames = 8

    /// Whether heads are bootstrapped from a part of the outputs.
    var bootstraps: Bool { head.strategy == .bootstrap && bootstrapShare > 0 }

    /// Round index of the final evaluation, after the last training; nil if nothing is trained.
    var finalEvaluationRound: Int? { train == nil ? nil : rounds }
}
