import Foundation

/// Where the trainings of a run are kept until the run is done: one file for each fold and round.
///
/// A training that is interrupted, by `kill -9` even, goes on where its file was last written.
public struct CheckpointFolder: Sendable {
    public let path: String
    /// From one file of a training to the next: to write one takes as long as some steps.
    let interval: Duration

    /// Makes the folder when there is something to write.
    public init(path: String, interval: Duration = .seconds(5)) {
        self.path = path
        self.interval = interval
    }

    func path(of place: HeadTraining.Place) -> String {
        "\(path)/fold-\(place.fold)-round-\(place.round).safetensors"
    }

    func write(_ trainer: borrowing HeadTrainer, at place: HeadTraining.Place) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
        try trainer.writeCheckpoint(to: path(of: place))
    }

    /// Deletes the folder with all that `HeadTraining` wrote there: the run is done.
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
