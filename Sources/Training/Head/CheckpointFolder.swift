import Files

/// A folder of checkpoints of an unfinished run, one file for each fold and round.
///
/// A training that was interrupted, even by `kill -9`, resumes from its last checkpoint.
public struct CheckpointFolder: Sendable {
    public let path: String
    /// Minimum time between checkpoints of a training: writing one takes as long as some steps.
    let interval: Duration

    /// The folder is created when the first checkpoint is written.
    public init(path: String, interval: Duration = .seconds(5)) {
        self.path = path
        self.interval = interval
    }

    func path(of foldRound: HeadTraining.FoldRound) -> String {
        "\(path)/fold-\(foldRound.fold)-round-\(foldRound.round).safetensors"
    }

    func write(_ trainer: borrowing HeadTrainer, at foldRound: HeadTraining.FoldRound) throws {
        try FileSystem.makeFolder(path, failing: TrainingError.file)
        try trainer.writeCheckpoint(to: path(of: foldRound))
    }

    /// Deletes the checkpoints, and the folder if it is then empty.
    public func remove() throws(TrainingError) {
        guard try FileSystem.exists(path, failing: TrainingError.file) else { return }
        for name in try FileSystem.names(inFolder: path, failing: TrainingError.file)
        where name.hasPrefix("fold-") && name.hasSuffix(".safetensors") {
            try FileSystem.remove("\(path)/\(name)", failing: TrainingError.file)
        }
        if try FileSystem.names(inFolder: path, failing: TrainingError.file).isEmpty {
            try FileSystem.remove(path, failing: TrainingError.file)
        }
    }
}
