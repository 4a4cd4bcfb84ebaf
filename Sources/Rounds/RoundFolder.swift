import Foundation

/// File paths of a round; the first round's folder is `00/`.
public struct RoundFolder: Sendable, Hashable {
    public let path: String
    /// Round index, from 0.
    public let round: Int

    init(state: String, round: Int) {
        let number = String(round)
        path = "\(state)/\(number.count < 2 ? "0" + number : number)"
        self.round = round
    }

    /// The generator's prompts, one per line.
    public var prompts: String { "\(path)/prompts.txt" }
    /// Folder that the generator's command writes to.
    public var outputs: String { "\(path)/outputs" }
    /// The outputs grouped by prompt, JSON lines, with an error for those that could not be read.
    public var candidates: String { "\(path)/candidates.jsonl" }
    public var embeddings: String { "\(path)/embeddings.safetensors" }
    /// Embeddings of degraded copies; absent if there are none.
    public var copies: String { "\(path)/copies.safetensors" }
    /// The reward model of this round.
    public var head: String { "\(path)/head.safetensors" }
    /// Checkpoints from which an interrupted training of the head resumes.
    var training: String { "\(path)/head.training" }
    /// Events of the head's training, JSON lines.
    public var trainingLog: String { logs + "/head.jsonl" }
    public var ranks: String { "\(path)/ranks.jsonl" }
    public var pairs: String { "\(path)/pairs.jsonl" }
    public var sft: String { "\(path)/sft.jsonl" }
    /// Folder with a subfolder for each format.
    public var exports: String { "\(path)/exports" }
    public var metrics: String { "\(path)/figures.json" }
    /// Rows of the metrics of single outputs, JSON lines; absent if there are none.
    public var metricRows: String { "\(path)/metrics.jsonl" }
    public var logs: String { "\(path)/logs" }

    /// Standard output and standard error of a step's command.
    public func log(of step: RoundStep) -> String { "\(logs)/\(step.rawValue).log" }
    /// Exit status of a step's command.
    func status(of step: RoundStep) -> String { "\(logs)/\(step.rawValue).status" }
}
