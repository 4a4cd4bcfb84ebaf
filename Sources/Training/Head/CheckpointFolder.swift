import Foundation

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
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
        try trainer.writeCheckpoint(to: path(of: foldRound))
    }

    /// Deletes the checkpoints, and the folder if it is then empty.
    public func remove() throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        for name in try FileManager.default.contentsOfDirectory(atPath: path)
        where name.hasPrefix("fold-") && name.hasSuffix(".safetensors") {
            try FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
        if try FileManager.default.contentsOfDirectory(atPath: path).isEmpty {
            try FileManager.default.removeItem(atPath: path)
        }
    }
}
